// @ts-check
// Accounts: how a provider lets in, the way that is tried, servers and password that change, one
// that is taken out, and the mail program that is waited for.
import assert from 'node:assert/strict';

import { posted } from './browser.mjs';
import { access, added, checkup, discovered, frame, serverAt, settings } from './fixtures.mjs';
import { tell } from './screens.mjs';

/** @typedef {import('playwright-core').Page} Page */
/** @typedef {import('./behaviour.mjs').Open} Open */

const FIRST = 'j.jansen@praktijkdelinde.nl';

/** @type {(page: Page, ask: string) => Promise<any[]>} */
const asked = async (page, ask) => (await posted(page)).filter((one) => one.ask === ask);
/** @type {(page: Page) => Promise<string>} */
const focused = (page) => page.evaluate(() => document.activeElement?.id ?? '');
/** @type {(page: Page, open: Open, more?: object) => Promise<void>} */
const toServer = async (page, open, more) => {
  await open(page, 'index.html', [frame('nl', { accounts: [], waiting: 0 })]);
  await page.locator('#address').fill(FIRST);
  await page.keyboard.press('Enter');
  await tell(page, /** @type {any} */ ({ ...discovered, ...more }));
  await page.locator('.found').waitFor();
};
/** @type {(page: Page, open: Open) => Promise<void>} */
const toIdentity = async (page, open) => {
  await toServer(page, open);
  await page.locator('#password').fill('geheim');
  await page.keyboard.press('Enter');
  await tell(page, frame('nl', { accounts: [FIRST] }));
  await tell(page, added);
};
/** @type {(page: Page, open: Open) => Promise<void>} */
const openSettings = (page, open) => open(page, 'index.html#settings', [frame('nl'), settings('nl')]);

/** The first account with these routes used. @type {(used: string[]) => any} */
const routed = (used) => {
  const view = /** @type {any} */ (settings('nl'));
  const [first] = view.accounts;
  return { ...view, accounts: [{ ...first, routes: first.routes.map((/** @type {any} */ one) => ({ ...one, used: used.includes(one.route) })) }] };
};

/** @type {Record<string, (page: Page, open: Open) => Promise<void>>} */
export const ACCOUNTS = {
  async 'a provider that wants an app password says so before the field, and where it is made'(page, open) {
    const where = 'https://myaccount.google.com/apppasswords';
    await toServer(page, open, { source: 'table', login: 'app_password', page: where });
    assert.match(await page.locator('#login').innerText(), /app-wachtwoord.*myaccount/s);
    assert.match(await page.locator('label[for=password]').innerText(), /App-wachtwoord/);
    await page.locator('#login button').click();
    await page.waitForFunction(async (wanted) => (await navigator.clipboard.readText()) === wanted, where);
  },

  async 'a provider that takes no password is said to be no use, and none is asked for'(page, open) {
    await toServer(page, open, { source: 'table', login: 'not_possible', incoming: null });
    assert.match(await page.locator('#login').innerText(), /kan Zorgzegel niet werken/);
    assert.equal(await page.locator('#password').count(), 0);
    assert.equal(await page.locator('#next').count(), 0);
    assert.equal(await page.locator('.found .icon.good').count(), 0);
  },

  async 'mail that comes in is left as it was where that is wanted'(page, open) {
    await toServer(page, open, { sure: false, source: 'dns' });
    await page.locator('#fetches').uncheck();
    await page.locator('#password').fill('geheim');
    await page.locator('#next').click();
    const [add] = await asked(page, 'add_account');
    assert.equal(add.incoming, null);
    assert.deepEqual([add.direct, add.supplier], [false, null], 'no way is chosen by silence');
  },

  async 'without a way the direct one is tried, and used only when a person says so'(page, open) {
    await toIdentity(page, open);
    await tell(page, routed([]));
    assert.deepEqual(await asked(page, 'try_way'), [{ ask: 'try_way', address: FIRST, route: 'direct' }]);
    assert.match(await page.locator('section[aria-labelledby=way]').innerText(), /nog geen weg gekozen/);
    await tell(page, { view: 'way_tried', address: FIRST, route: 'direct', works: true, sentence: 'Dit werkt.' });
    assert.deepEqual(await asked(page, 'change'), []);
    await page.locator('#way-use').click();
    const value = { address: FIRST, routes: ['direct'], mark: null };
    assert.deepEqual(await asked(page, 'change'), [{ ask: 'change', change: { setting: 'routes', value } }]);
    await tell(page, routed(['direct']));
    assert.match((await page.locator('#way-tried').getAttribute('class')) ?? '', /good/);
  },

  async 'a way that does not work is amber, and can be taken out at once'(page, open) {
    await toIdentity(page, open);
    await tell(page, routed(['direct']));
    await tell(page, { view: 'way_tried', address: FIRST, route: 'direct', works: false, sentence: 'Poort 25 is dicht.' });
    assert.match((await page.locator('#way-tried').getAttribute('class')) ?? '', /attention/);
    await page.locator('#way-drop').click();
    const [change] = await asked(page, 'change');
    assert.deepEqual(change.change.value.routes, []);
  },

  async 'fetching that does not work yet is said, and is no reason to stop'(page, open) {
    await toIdentity(page, open);
    await tell(page, { .../** @type {any} */ (added), fetching: 'refused', trouble: 'imap.provider-example.nl is niet te bereiken.' });
    await tell(page, routed([]));
    assert.match(await page.locator('#fetching').innerText(), /niet te bereiken/);
    await page.locator('#next').click();
    assert.match(await page.locator('h1').innerText(), /Stap 4 van 5/);
  },

  async 'both servers are shown where Zorgzegel fetches too, and the outgoing one alone elsewhere'(page, open) {
    await toIdentity(page, open);
    await tell(page, routed([]));
    await page.locator('#next').click();
    await tell(page, access);
    const text = await page.locator('main').innerText();
    for (const told of ['1025', '1143', 'Inkomende poort', 'Ook ophalen gaat']) assert.ok(text.includes(told), told);
    await tell(page, { .../** @type {any} */ (access), incoming: null });
    const alone = await page.locator('main').innerText();
    assert.ok(!alone.includes('1143') && alone.includes('Alleen de uitgaande server verandert'));
  },

  async 'the last step waits for the mail program itself'(page, open) {
    await toIdentity(page, open);
    await tell(page, routed([]));
    await page.locator('#next').click();
    await tell(page, access);
    await page.locator('#next').click();
    assert.deepEqual(await asked(page, 'visited'), [{ ask: 'visited', address: FIRST }]);
    await tell(page, { view: 'visited', address: FIRST, handed_in: null, fetched: null });
    await page.locator('#send-first').click();
    await tell(page, { view: 'first_mail', address: FIRST });
    assert.match(await page.locator('#program-seen').innerText(), /Nog niets gezien/);
    assert.equal(await page.locator('#end').innerText(), 'Later nakijken');
    await tell(page, { view: 'visited', address: FIRST, handed_in: '2026-11-26T09:44:00Z', fetched: null });
    assert.match(await page.locator('#program-seen').innerText(), /werkt via Zorgzegel/);
    assert.equal(await page.locator('#end').innerText(), 'Klaar');
    assert.match(await page.locator('.after').innerText(), /samen met een reservekopie/);
    await page.locator('#to-recovery').click();
    assert.equal(await page.locator('h1').innerText(), 'Herstelwoorden');
    assert.deepEqual(await asked(page, 'recovery'), [{ ask: 'recovery', make: false }]);
  },

  async 'that it starts with the computer is said where it does'(page, open) {
    await toIdentity(page, open);
    await tell(page, routed([]));
    await page.locator('#next').click();
    await tell(page, access);
    await page.locator('#next').click();
    await page.locator('#send-first').click();
    await tell(page, { view: 'first_mail', address: FIRST });
    await tell(page, { .../** @type {any} */ (settings('nl')), start_with_computer: false });
    assert.ok(!(await page.locator('.after').innerText()).includes('start voortaan mee'));
    await tell(page, settings('nl'));
    assert.ok((await page.locator('.after').innerText()).includes('start voortaan mee'));
  },

  async 'an address that is set up already leads to its settings'(page, open) {
    await openSettings(page, open);
    await page.locator('#add-account').click();
    await page.locator('#address').fill('J.Jansen@praktijkdelinde.nl');
    await page.keyboard.press('Enter');
    assert.equal(await focused(page), 'to-account');
    assert.deepEqual(await asked(page, 'discover'), []);
    await page.keyboard.press('Enter');
    await page.locator('#servers-0').waitFor();
  },

  async 'a new password is tried and kept, and the page forgets it'(page, open) {
    await openSettings(page, open);
    await page.locator('#servers-0 > summary').click();
    await page.locator('#servers-0-password').fill('nieuw');
    await page.keyboard.press('Enter');
    const request = {
      ask: 'change_servers', address: FIRST, outgoing: serverAt('smtp.provider-example.nl', 587, false),
      incoming: serverAt('imap.provider-example.nl', 993, true), password: 'nieuw',
    };
    assert.deepEqual(await asked(page, 'change_servers'), [request]);
    await tell(page, { view: 'trouble', ask: 'change_servers', sentence: 'Het wachtwoord klopt niet.' });
    assert.equal(await page.locator('#servers-0 [role=alert]').innerText(), 'Het wachtwoord klopt niet.');
    assert.equal(await page.locator('#servers-0-password').inputValue(), 'nieuw');
    await page.locator('#servers-0-save').click();
    await tell(page, { view: 'account_changed', address: FIRST, change: 'servers' });
    assert.match(await page.locator('#servers-0 .notice.good').innerText(), /liet ons binnen/);
    assert.equal(await page.locator('#servers-0-password').inputValue(), '');
  },

  async 'a server for fetching is proposed for an account that has none, and asked for'(page, open) {
    await openSettings(page, open);
    await page.locator('#servers-1 > summary').click();
    await page.locator('#servers-1-fetches').check();
    assert.equal(await page.locator('#servers-1-in-host').inputValue(), 'imap.provider-example.nl');
    await page.locator('#servers-1-in-host').fill('');
    await page.locator('#servers-1-save').click();
    assert.equal(await focused(page), 'servers-1-in-host');
    assert.deepEqual(await asked(page, 'change_servers'), []);
  },

  async 'an account is taken out after a question, and the focus stays with what is said'(page, open) {
    await openSettings(page, open);
    await page.locator('#remove-1').click();
    assert.equal(await focused(page), 'remove-1-stay');
    assert.match(await page.locator('[aria-labelledby=remove-1-title]').innerText(), /archief.*blijven.*niets verloren/s);
    await page.keyboard.press('Enter');
    assert.equal(await focused(page), 'remove-1');
    assert.deepEqual(await asked(page, 'remove_account'), []);
    await page.locator('#remove-1').click();
    await page.locator('#remove-1-do').click();
    await tell(page, { view: 'trouble', ask: 'remove_account', sentence: 'Er wachten nog 2 mails.' });
    assert.equal(await page.locator('[aria-labelledby=remove-1-title] [role=alert]').innerText(), 'Er wachten nog 2 mails.');
    await page.locator('#remove-1-do').click();
    await tell(page, routed(['direct']));
    await tell(page, { view: 'account_changed', address: 'assistente@praktijkdelinde.nl', change: 'removed' });
    assert.match(await page.locator('#removed').innerText(), /assistente@praktijkdelinde\.nl is verwijderd/);
    assert.ok(await page.evaluate(() => document.activeElement?.closest('#removed') !== null));
  },

  async 'the diagnosis leads to the page where something is mended'(page, open) {
    await open(page, 'index.html#checkup', [frame('nl'), checkup('nl', false, 'bad')]);
    await page.locator('[data-what=program] a').click();
    await page.locator('#add-account, .quiet').first().waitFor();
    assert.equal(await page.evaluate(() => location.hash), '#settings');
  },
};
