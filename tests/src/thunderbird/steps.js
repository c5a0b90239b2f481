// What a person does in Thunderbird, a function a step. Runs in Thunderbird itself, with its own
// objects (nsIMsgFolder, nsIMsgSend and so on); each step gives a value that JSON can carry.
const { MailServices } = ChromeUtils.importESModule('resource:///modules/MailServices.sys.mjs');

const root = (account) => MailServices.accounts.getAccount(account).incomingServer.rootFolder;
const inbox = (account) => root(account).getChildNamed('INBOX');

/** Runs what takes an nsIUrlListener, to its end. */
const url = (start) =>
  new Promise((resolve, reject) => {
    const OnStopRunningUrl = (_, code) => (code === 0 ? resolve() : reject(new Error(`code ${code}`)));
    start({ OnStartRunningUrl() {}, OnStopRunningUrl });
  });

/** A message as the mail program has it, a character a byte. */
const text = (folder, header) =>
  new Promise((resolve, reject) => {
    const uri = folder.getUriForMsg(header);
    let bytes = '';
    const reader = {
      QueryInterface: ChromeUtils.generateQI(['nsIStreamListener']),
      onStartRequest() {},
      onDataAvailable(_, stream, _offset, count) {
        const binary = Cc['@mozilla.org/binaryinputstream;1'].createInstance(Ci.nsIBinaryInputStream);
        binary.setInputStream(stream);
        bytes += binary.readBytes(count);
      },
      onStopRequest: (_, code) => (code === 0 ? resolve(bytes) : reject(new Error(`code ${code}`))),
    };
    MailServices.messageServiceFromURI(uri).streamMessage(uri, reader, null, null, false, '', false);
  });

const composer = () =>
  new Promise((resolve) => {
    const opened = (window) => {
      Services.obs.removeObserver(opened, 'domwindowopened');
      window.addEventListener('compose-editor-ready', () => resolve(window), { once: true });
    };
    Services.obs.addObserver(opened, 'domwindowopened');
  });

const steps = {
  /** Keeps a password, as one does who ticks "remember" when asked. */
  async remember(origin, user, password) {
    const login = Cc['@mozilla.org/login-manager/loginInfo;1'].createInstance(Ci.nsILoginInfo);
    login.init(origin, null, origin, user, password, '', '');
    await Services.logins.addLoginAsync(login);
  },

  /** Presses "Get messages". */
  async get(account) {
    await url((listener) => inbox(account).getNewMessages(null, listener));
  },

  /** Opens each message of INBOX, one after another; what came, without the marks of its own store. */
  async read(account) {
    const texts = [];
    // The list itself changes while mail is read.
    for (const header of [...inbox(account).messages]) {
      const whole = await text(inbox(account), header);
      texts.push(whole.replace(/^(X-Mozilla-[^\n]*\n)+/, ''));
    }
    return texts;
  },

  /** What the list of messages shows, without asking for anything. */
  async list(account) {
    const shown = (one) => ({ subject: one.subject, read: one.isRead, flagged: one.isFlagged });
    return [...inbox(account).messages].map(shown);
  },

  /** Marks a message with a star. */
  async star(account, subject) {
    const found = [...inbox(account).messages].filter((one) => one.subject === subject);
    if (!found.length) throw new Error(`${subject} is not in the list`);
    inbox(account).markMessagesFlagged(found, true);
  },

  /** Writes a mail in a window of its own and presses "Send"; the window closes when it is sent. */
  async send(to, subject, body) {
    const create = (id, type) => Cc[`@mozilla.org/messengercompose/${id};1`].createInstance(type);
    const fields = create('composefields', Ci.nsIMsgCompFields);
    Object.assign(fields, { to, subject, body });
    const params = create('composeparams', Ci.nsIMsgComposeParams);
    params.composeFields = fields;
    params.format = Ci.nsIMsgCompFormat.PlainText;
    params.identity = MailServices.accounts.defaultAccount.defaultIdentity;
    const ready = composer();
    MailServices.compose.OpenComposeWindowWithParams(null, params);
    const window = await ready;
    const closed = new Promise((resolve) => window.addEventListener('unload', resolve, { once: true }));
    window.goDoCommand('cmd_sendNow');
    await closed;
  },
};
