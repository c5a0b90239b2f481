// @ts-check
// What the engine would tell, in either language. `say` picks: say('nl', 'Dutch', 'English').

/** @typedef {import('../../src/contract').Language} Language */
/** @typedef {import('../../src/contract').Recipient} Recipient */
/** @typedef {import('../../src/contract').Question} Question */

import { destinations, filing, proposed } from './record.mjs';
import { before, mismatch, silent, unseen } from './domains.mjs';
import { identity } from './signing.mjs';

/** @type {(language: Language, nl: string, en: string) => string} */
export const say = (language, nl, en) => (language === 'nl' ? nl : en);

/** @type {(language: Language, more?: object) => import('../../src/contract').View} */
export const frame = (language, more) => ({
  view: 'frame',
  language,
  version: '0.4.0',
  accounts: ['j.jansen@praktijkdelinde.nl'],
  waiting: 1,
  failed: 1,
  trouble: null,
  fault: null,
  try_out: false,
  remind_after: 15,
  ...more,
});

/** @type {Recipient} */
const NOBODY = {
  address: '',
  state: 'waiting',
  outlook: 'unknown',
  proof: null,
  host: null,
  guarantee: null,
  sentence: '',
  chain: [],
  step: null,
  words: null,
  in_doubt: false,
  attempts: 0,
  next_attempt_at: null,
};

/** @type {(language: Language) => Record<string, Recipient>} */
export const recipients = (l) => {
  const direct = say(
    l,
    'Zorgzegel levert zelf af bij de mailserver van de ontvanger, alleen over een versleutelde verbinding waarvan het bewijs is gecontroleerd en bewaard.',
    "Zorgzegel hands over to the recipient's mail host itself, only over an encrypted connection whose proof was checked and kept.",
  );
  const provider = say(l, 'Zorgzegel controleert wat de ontvanger publiceert; uw mailleverancier levert af en staat als NTA-leverancier zelf in voor het veilige transport.', 'Zorgzegel checks what the recipient publishes; your mail provider hands over and, as an NTA supplier, answers for secure transport itself.');
  const gateway = say(l, 'De beveiligde-mailvoorziening van uw organisatie neemt het bericht over; de ontvanger leest het op een andere manier dan als NTA-mail.', 'The secure-mail gateway of your organisation takes the message over; the recipient reads it in another way than as NTA mail.');
  return {
    dane: { ...NOBODY, address: 'poli.neurologie@ziekenhuis.nl', outlook: 'direct', proof: 'dane', host: 'mx1.ziekenhuis.nl', guarantee: direct, sentence: direct, chain: before(l) },
    pkix: { ...NOBODY, address: 'triage@apotheekhetplein.nl', outlook: 'direct', proof: 'pkix', host: 'mail.apotheekhetplein.nl', guarantee: direct, sentence: direct, chain: before(l, 'mail.apotheekhetplein.nl') },
    ou: { ...NOBODY, address: 'intake@ggzdeoever.nl', outlook: 'direct', proof: 'ou', host: 'nta.zorgpost.example', guarantee: direct, sentence: direct, chain: before(l, 'nta.zorgpost.example') },
    provider: {
      ...NOBODY, address: 'fysio@bewegenenzo.nl', outlook: 'provider', guarantee: provider, chain: before(l, 'mail.bewegenenzo.nl'),
      sentence: provider,
    },
    gateway: {
      ...NOBODY, address: 'wijkteam@gemeente-example.nl', outlook: 'gateway', guarantee: gateway, step: 'R-SEND-2', chain: silent(l, 'gemeente-example.nl'),
      sentence: say(l, 'gemeente-example.nl verklaart niet te voldoen aan NTA 7516.', 'gemeente-example.nl does not declare to comply with NTA 7516.'),
    },
    later: {
      ...NOBODY, address: 'lab@diagnostiek-example.nl', outlook: 'later', chain: unseen(l, 'diagnostiek-example.nl'), step: 'R-SEND-3',
      sentence: say(l, 'De DNS-server gaf niet op tijd antwoord bij het NTA-record van diagnostiek-example.nl. Probeer het later opnieuw.', 'The DNS server did not answer in time about the NTA record of diagnostiek-example.nl. Try again later.'),
    },
    noWay: {
      ...NOBODY, address: 'familie.jansen@hotmail.example', outlook: 'no_way', chain: silent(l, 'hotmail.example'), step: 'R-SEND-2',
      sentence: say(l, 'hotmail.example verklaart niet te voldoen aan NTA 7516. Kies een andere manier.', 'hotmail.example does not declare to comply with NTA 7516. Choose another way.'),
    },
    refused: {
      ...NOBODY, address: 'secretariaat@kliniek-example.nl', outlook: 'refused', chain: mismatch(l, 'kliniek-example.nl', 'mx.kliniek-example.nl'), step: 'R-SEND-5',
      sentence: say(l, 'Het certificaat van mx.kliniek-example.nl past niet bij wat het domein zelf bekendmaakt (DANE). Er is niets verstuurd. Bel de ontvanger.', 'The certificate of mx.kliniek-example.nl does not match what the domain itself publishes (DANE). Nothing was sent. Call the recipient.'),
    },
    unknown: { ...NOBODY, address: 'poli.neurologie@ziekenhuis.nl' },
  };
};

/** A mark that can be called wrong, by a name made of its words. @type {(kind: string, text: string, reason: string, more?: object) => import('../../src/contract').Run} */
export const marked = (kind, text, reason, more) => ({ text, mark: { kind, reason, finding: `${kind}-${text}`.replace(/\W+/g, '-'), firm: false, dismissed: false, ...more } });
/** @type {(language: Language, kind: string, text: string, nl: string, en: string, more?: object) => import('../../src/contract').Run} */
const hit = (l, kind, text, nl, en, more) => marked(kind, text, say(l, nl, en), more);
/** @type {(text: string) => import('../../src/contract').Run} */
const plain = (text) => ({ text, mark: null });

/** @type {(l: Language, dismissed?: string[]) => import('../../src/contract').Passage[]} */
export const passages = (l, dismissed = []) => [
  {
    place: 'body', name: null, cut_before: false, cut_after: true,
    runs: [
      plain('Beste collega,\n\nGraag uw oordeel over '),
      hit(l, 'name', 'dhr. P. Jansen', 'naam van een persoon', 'name of a person'),
      plain(', geb. '),
      hit(l, 'dob', '12-03-1956', 'geboortedatum', 'date of birth', { firm: true }),
      plain(', BSN '),
      hit(l, 'bsn', '123456782', 'burgerservicenummer', 'citizen service number', { firm: true }),
      plain('. Hij had vorige week een '),
      hit(l, 'medical', 'CVA', 'medische term', 'medical term'),
      plain(' en gebruikt '),
      hit(l, 'medical', 'clopidogrel 75 mg', 'middel met dosis', 'medicine with dose'),
      plain('.'),
    ].map((run) => (run.mark && dismissed.includes(run.text) ? { ...run, mark: { ...run.mark, dismissed: true } } : run)),
  },
];

/** A mail that only looks like one about a patient. @type {(l: Language, dismissed?: boolean) => import('../../src/contract').Passage[]} */
export const harmless = (l, dismissed = false) => [
  {
    place: 'body', name: null, cut_before: false, cut_after: false,
    runs: [
      plain('Hoi, neem jij morgen voor '),
      hit(l, 'name', 'mw. De Vries', 'aanhef met naam', 'title with a name', { dismissed }),
      plain(' de doos '),
      hit(l, 'medical', 'pleisters', 'medisch woord', 'medical word', { dismissed }),
      plain(' mee?'),
    ],
  },
];

/** @type {(language: Language, more?: Partial<Question>) => import('../../src/contract').View} */
export const question = (l, more) => ({
  view: 'question',
  id: '01JDKQ8Z3F7G',
  number: 1,
  of: 1,
  left: 0,
  subject: 'Verwijzing neurologie',
  account: 'j.jansen@praktijkdelinde.nl',
  held_at: '2026-11-26T09:41:10Z',
  why: 'health',
  settled: false,
  level: 'certain',
  passages: passages(l),
  more: 0,
  opening: '',
  files: [],
  unread: [],
  recipients: [recipients(l).dane],
  looking_up: false,
  dossier: proposed,
  filing: null,
  stage: 'choose',
  ...more,
});

/** Those that are used in their order, then the others. @type {(l: Language, used: import('../../src/contract').WayOut[]) => import('../../src/contract').RouteView[]} */
const routes = (l, used) => {
  const { dane, provider, gateway } = recipients(l);
  const gives = { direct: dane, provider, gateway };
  const all = /** @type {const} */ (['direct', 'provider', 'gateway']);
  const view = (/** @type {import('../../src/contract').WayOut} */ route) => ({ route, used: used.includes(route), guarantee: gives[route]?.guarantee ?? '' });
  return [...used, ...all.filter((one) => !used.includes(one))].map(view);
};

/** @type {(host: string, port: number, implicit: boolean, username?: string) => import('../../src/contract').ServerAt} */
export const serverAt = (host, port, implicit, username = 'j.jansen@praktijkdelinde.nl') => ({ host, port, implicit, username });

/** @type {(l: Language) => import('../../src/contract').View} */
export const settings = (l) => ({
  view: 'settings',
  accounts: [
    { address: 'j.jansen@praktijkdelinde.nl', outgoing: serverAt('smtp.provider-example.nl', 587, false), incoming: serverAt('imap.provider-example.nl', 993, true), routes: routes(l, ['direct', 'gateway']), mark: null, gateway: { host: 'poort.zorgpost.example', port: 465, implicit: true, username: 'praktijkdelinde' }, destinations },
    { address: 'assistente@praktijkdelinde.nl', outgoing: serverAt('smtp.provider-example.nl', 587, false, 'assistente@praktijkdelinde.nl'), incoming: null, routes: routes(l, []), mark: null, gateway: null, destinations: [] },
  ],
  identities: [identity(l).good, identity(l).trial, { ...identity(l).expired, account: 'oud@praktijkdelinde.nl' }],
  threshold: 0.5,
  certain: 0.85,
  own_terms: say(l, 'C:\\Praktijk\\termen.txt', '/home/jansen/termen.txt'),
  staff: ['A. Bakker', 'assistente@praktijkdelinde.nl'],
  exempt_domains: ['praktijkdelinde.nl'],
  hold_unreadable: true,
  notifications: true,
  remind_after: 15,
  start_with_computer: true,
  file: say(l, 'C:\\Users\\jansen\\AppData\\Roaming\\zorgzegel\\zorgzegel.toml', '/home/jansen/.config/zorgzegel/zorgzegel.toml'),
});

/** @type {import('../../src/contract').View} */
export const taught = {
  view: 'taught',
  items: [
    { finding: '3f2a91c0d4e5f60718293a4b5c6d7e8f', kind: 'medical', count: 2, last_at: '2026-11-25T10:00:00Z' },
    { finding: 'b81e02776a5c4d3e2f10a9b8c7d6e5f4', kind: 'name', count: 1, last_at: '2026-11-20T10:00:00Z' },
  ],
};

/** @type {(l: Language, number: number, level: 'none' | 'possible' | 'certain') => import('../../src/contract').View} */
export const trial = (l, number, level) => ({
  view: 'trial', number, threshold: 0.5, level,
  score: { none: 0.08, possible: 0.62, certain: 0.97 }[level],
  runs: level === 'none' ? [plain('Lunch morgen om 12 uur?')] : (passages(l)[0]?.runs ?? []),
});

/** @type {import('../../src/contract').View} */
export const access = {
  view: 'access', address: 'j.jansen@praktijkdelinde.nl', server: 'localhost', port: 1025, tls: 'starttls',
  username: 'j.jansen@praktijkdelinde.nl', password: 'kers-molen-47-lamp',
  incoming: { server: 'localhost', port: 1143, tls: 'starttls' },
};

/** @type {import('../../src/contract').View} */
export const discovered = {
  view: 'discovered', address: 'j.jansen@praktijkdelinde.nl', outgoing: serverAt('smtp.provider-example.nl', 587, false),
  incoming: serverAt('imap.provider-example.nl', 993, true), source: 'autoconfig', sure: true, login: 'password', page: null,
};

/** @type {import('../../src/contract').View} */
export const added = { view: 'account_added', address: 'j.jansen@praktijkdelinde.nl', fetching: 'works', trouble: null };

/** @type {(l: Language) => import('../../src/contract').View} */
export const waiting = (l) => {
  const r = recipients(l);
  const account = 'j.jansen@praktijkdelinde.nl';
  const more = { kind: /** @type {const} */ ('message'), asked_again_at: null, can_choose: true, can_hurry: false, can_take_back: false, can_withdraw: true, filing: null };
  return {
    view: 'waiting',
    items: [
      { id: 'A1', subject: 'Verwijzing neurologie', account, held_at: '2026-11-26T09:20:00Z', ...more, asked_again_at: '2026-11-26T09:56:00Z', recipients: [r.dane, r.noWay] },
      {
        id: 'A2', subject: 'Uitslag MRI', account, held_at: '2026-11-26T08:05:00Z', ...more, can_choose: false, can_hurry: true, can_take_back: true,
        recipients: [{ ...r.pkix, state: 'chosen', attempts: 2, next_attempt_at: '2026-11-26T10:05:00Z' }, { ...r.dane, state: 'sent' }],
      },
      {
        id: 'A3', subject: '', account, held_at: '2026-11-25T16:30:00Z', ...more,
        recipients: [{ ...r.refused, state: 'failed', attempts: 1, words: '550 5.7.1 relaying denied' }],
      },
      { id: 'A4', subject: 'Overdracht weekend', account, held_at: '2026-11-26T09:40:00Z', ...more, can_choose: false, can_withdraw: false, recipients: [{ ...r.ou, state: 'sending', attempts: 1 }] },
    ],
  };
};

/** @type {(l: Language) => import('../../src/contract').View} */
export const sent = (l) => {
  const r = recipients(l);
  const account = 'j.jansen@praktijkdelinde.nl';
  return {
    view: 'sent',
    items: [
      {
        id: 'S1', subject: 'Verwijzing neurologie', account, chosen_at: '2026-11-26T09:12:00Z', who: 'jansen', filing: filing(l).filed,
        recipients: [
          {
            address: 'poli.neurologie@ziekenhuis.nl', route: 'direct', guarantee: r.dane?.sentence ?? '', reason: null,
            proof: [
              { name: say(l, 'Uitkomst', 'Outcome'), value: say(l, 'aangenomen door de server', 'taken by the server') },
              { name: say(l, 'NTA-record van de ontvanger', "The recipient's NTA record"), value: say(l, 'ziekenhuis.nl: "v=NTA7516-1;startdate=2026-01;enddate=2027-12;provider=zorgpost;ntamx=10 mx1.ziekenhuis.nl", met DNSSEC bewezen', 'ziekenhuis.nl: "v=NTA7516-1;startdate=2026-01;enddate=2027-12;provider=zorgpost;ntamx=10 mx1.ziekenhuis.nl", proved by DNSSEC') },
              { name: say(l, 'Mailserver', 'Mail server'), value: say(l, 'mx1.ziekenhuis.nl; moest zich bewijzen met DANE', 'mx1.ziekenhuis.nl; had to prove itself by DANE') },
              { name: say(l, 'Bewijs', 'Proof'), value: say(l, 'DANE: het certificaat past bij TLSA 3 1 1 8d02536c887482bc34ff54e41d2ba659bf85b341a0a20afadb5813dcfbcf286d', 'DANE: the certificate matches TLSA 3 1 1 8d02536c887482bc34ff54e41d2ba659bf85b341a0a20afadb5813dcfbcf286d') },
              { name: say(l, 'Versleuteling', 'Encryption'), value: 'TLSv1_3, TLS13_AES_256_GCM_SHA384, X25519' },
              { name: say(l, 'Tijd', 'Time'), value: '2026-11-26 09:12:31 UTC' },
            ],
          },
          { address: 'wijkteam@gemeente-example.nl', route: 'gateway', guarantee: r.gateway?.guarantee ?? '', reason: null, proof: [] },
        ],
      },
      {
        id: 'S2', subject: 'Afspraak verzetten', account, chosen_at: '2026-11-25T14:03:00Z', who: 'jansen', filing: null,
        recipients: [
          {
            address: 'familie.jansen@hotmail.example', route: 'ordinary', proof: [],
            guarantee: say(l, 'Als gewone mail verstuurd, zonder bewijs van de ontvangende mailserver.', 'Sent as ordinary mail, without proof of the receiving mail host.'),
            reason: say(l, 'De patiënt heeft hier toestemming voor gegeven', 'The patient has consented to this'),
          },
        ],
      },
      { id: 'S3', subject: 'Recept herhalen', account, chosen_at: null, who: null, filing: null, recipients: [{ address: 'fysio@bewegenenzo.nl', route: 'provider', guarantee: r.provider?.sentence ?? '', reason: null, proof: [{ name: 'supplier', value: 'zorgpost' }] }] },
    ],
  };
};

/** @type {(l: Language, running: boolean, worst: 'bad' | 'attention' | 'good') => import('../../src/contract').View} */
export const checkup = (l, running, worst) => {
  /** @type {import('../../src/contract').CheckItem[]} */
  const items = [
    { what: 'listener', standing: 'good', sentence: say(l, 'Uw mailprogramma kan versturen via localhost, poort 1025.', 'Your mail program can send by localhost, port 1025.'), mend: null, link: null },
    { what: 'program', standing: 'good', sentence: say(l, 'Uw mailprogramma verstuurt via Zorgzegel; het laatst op 25-11-2026 om 16:40.', 'Your mail program sends through Zorgzegel; last on 25-11-2026 at 16:40.'), mend: null, link: null },
    { what: 'provider', standing: 'good', sentence: say(l, 'smtp.provider-example.nl laat ons binnen.', 'smtp.provider-example.nl lets us in.'), mend: null, link: null },
    { what: 'keyring', standing: 'good', sentence: say(l, 'De sleutelbos is open.', 'The keyring is open.'), mend: null, link: null },
    { what: 'journal', standing: 'good', sentence: say(l, 'Het logboek klopt: geen regel is veranderd.', 'The journal holds: no line was changed.'), mend: null, link: null },
    { what: 'version', standing: 'good', sentence: say(l, 'Zorgzegel 0.4.0.', 'Zorgzegel 0.4.0.'), mend: null, link: null },
  ];
  if (worst !== 'good') {
    items.push({
      what: 'identity', standing: 'attention',
      sentence: say(l, 'De identiteit is om uit te proberen (zelf ondertekend), nog 365 dagen geldig.', 'The identity is for trying out (self-signed), valid for 365 more days.'),
      mend: say(l, 'Vraag een certificaat aan bij een uitgever die uw ontvangers vertrouwen.', 'Request a certificate from an issuer that your recipients trust.'),
      link: 'identities',
    });
  }
  if (worst === 'bad') {
    Object.assign(/** @type {any} */ (items.find((one) => one.what === 'program')), {
      standing: 'attention', link: 'settings',
      sentence: say(l, 'Er is nog nooit mail van uw mailprogramma gekomen: het verstuurt nog buiten Zorgzegel om.', 'No mail ever came from your mail program: it still sends past Zorgzegel.'),
      mend: say(l, 'Loop bij Instellingen de stappen na (‘Gegevens voor uw mailprogramma’), en stuur uzelf vanuit uw mailprogramma een mail.', 'Go through the steps in Settings (“Details for your mail program”), and send yourself a mail from your mail program.'),
    });
    items.push({
      what: 'dns', standing: 'bad',
      sentence: say(l, 'De naamserver laat de DNSSEC-handtekeningen weg: niets kan bewezen worden.', 'The name server leaves the DNSSEC signatures out: nothing can be proved.'),
      mend: say(l, 'Veilige mail blijft vastgehouden tot dit werkt. Uw ICT-beheerder kan een andere naamserver noemen: [dns] resolver in het instellingenbestand.', 'Safe mail stays held until this works. Your administrator can name another name server: [dns] resolver in the settings file.'),
      link: null,
    });
  }
  const report = `${say(l, 'Diagnose van Zorgzegel', 'Zorgzegel diagnosis')} 0.4.0\n${items.map((one) => `${one.standing.padEnd(10)} ${one.what.padEnd(12)} ${one.sentence}`).join('\n')}\n`;
  return { view: 'checkup', running, items: running ? [] : items, report: running ? '' : report };
};

/** What comes with one name twice: unnamed pictures, an address named twice, two of a kind. @type {(l: Language) => Record<'question' | 'outcome' | 'waiting' | 'sent' | 'settings' | 'checkup', any>} */
export const twice = (l) => {
  const { dane } = recipients(l);
  /** @type {<T>(list: T[]) => T[]} */
  const both = (list) => list.flatMap((one) => [one, structuredClone(one)]);
  const [list, gone, set, looked] = /** @type {any[]} */ ([waiting(l), sent(l), settings(l), checkup(l, false, 'bad')]);
  const picture = { name: 'image/png', reason: say(l, 'In een plaatje kan Zorgzegel niet lezen.', 'Zorgzegel cannot read inside a picture.') };
  const recipient = /** @type {Recipient} */ (dane);
  return {
    question: question(l, { why: 'cannot_look_inside', level: 'none', passages: [], opening: say(l, 'Beste collega, hierbij de brief.', 'Dear colleague, here is the letter.'), files: both(['brief.pdf']), unread: both([picture]), recipients: both([recipient]) }),
    outcome: question(l, { stage: 'done', recipients: both([{ ...recipient, state: 'sent' }]) }),
    waiting: { ...list, items: [{ ...list.items[0], recipients: both([recipient]) }] },
    sent: { ...gone, items: [{ ...gone.items[0], recipients: both(gone.items[0].recipients.slice(0, 1)) }] },
    settings: { ...set, accounts: both(set.accounts.slice(0, 1)), identities: both(set.identities.slice(0, 1)) },
    checkup: { ...looked, items: both(looked.items) },
  };
};
