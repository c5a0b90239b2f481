// Stands for the engine's end of the line: keeps what was posted, and answers `hello` with the
// views of the test. Runs in the page before its own script.
(() => {
  const { views, label, time } = window.__test;
  const callbacks = new Map();
  const listeners = new Map();
  let last = 0;

  window.__posted = [];
  window.__broken = [];
  document.addEventListener('securitypolicyviolation', (event) =>
    window.__broken.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`),
  );
  window.__view = (view) => {
    const callback = callbacks.get(listeners.get('view'));
    callback?.({ event: 'view', id: 0, payload: view });
  };

  // Whoever presses something goes on from there: the focus is never left nowhere. Two frames later whoever
  // moves it has done so.
  const frames = (run) => requestAnimationFrame(() => requestAnimationFrame(run));
  const nowhere = () => document.activeElement === document.body;
  // What goes just then is given another place a frame later: looked at twice.
  const lost = (what) => nowhere() && frames(() => nowhere() && console.error(`focus lost: ${what}`));
  const pressed = (event) => {
    const one = event.target instanceof Element && event.target.closest('button, a[href], input, select, textarea, summary, label');
    const keys = event.type !== 'keydown' || ['Enter', ' ', 'Escape'].includes(event.key);
    if (one && keys) frames(() => lost(one.outerHTML.slice(0, 120)));
  };
  for (const kind of ['click', 'keydown']) window.addEventListener(kind, pressed, { capture: true });
  let held = null;
  document.addEventListener('focusin', (event) => (held = event.target));
  new MutationObserver(() => held && !held.isConnected && frames(() => held.isConnected || lost(`gone: ${held.outerHTML.slice(0, 120)}`)))
    .observe(document, { childList: true, subtree: true });

  window.__TAURI_INTERNALS__ = {
    metadata: { currentWindow: { label }, currentWebview: { label, windowLabel: label } },
    transformCallback(callback) {
      callbacks.set(++last, callback);
      return last;
    },
    unregisterCallback: (id) => callbacks.delete(id),
    async invoke(command, values) {
      if (command === 'plugin:event|listen') {
        listeners.set(values.event, values.handler);
        return values.handler;
      }
      if (command !== 'post') return null;
      window.__posted.push(values.request);
      if (values.request.ask === 'hello') views.forEach(window.__view);
      return null;
    },
  };
  window.__TAURI_EVENT_PLUGIN_INTERNALS__ = { unregisterListener() {} };

  const [now, later] = [performance.now.bind(performance), window.setTimeout.bind(window)];
  if (time === 'fast') {
    // Nobody waits for the quiet of the question where it is not what is tested.
    performance.now = () => now() * 40;
    window.setTimeout = (run, after = 0, ...more) => later(run, after / 40, ...more);
  } else {
    // It stands still until the test lets it pass.
    let at = 0;
    const due = new Map();
    performance.now = () => at;
    window.setTimeout = (run, after = 0) => {
      due.set(++last, { run, at: at + after });
      return last;
    };
    window.clearTimeout = (id) => due.delete(id);
    window.__pass = (span) => {
      for (const end = at + span; at < end; at += 1) {
        const ready = [...due].filter(([, one]) => one.at <= at + 1);
        for (const [id, one] of ready) {
          due.delete(id);
          at = Math.max(at, one.at);
          one.run();
        }
      }
    };
  }
})();
