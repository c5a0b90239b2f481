// @ts-check
// The screens of the first run.
import { access, added, discovered, frame, say, serverAt, settings } from './fixtures.mjs';
import { tell } from './screens.mjs';
import { identity } from './signing.mjs';

/** @typedef {import('playwright-core').Page} Page */
/** @typedef {import('../../src/contract').View} View */
/** @typedef {import('../../src/contract').Language} Language */
/** @typedef {import('./screens.mjs').Screen} Screen */

/** @type {(name: string, act: Screen['act']) => Screen} */
const setup = (name, act) => ({ name: `setup-${name}`, page: 'index.html', views: (l) => [frame(l, { accounts: [], waiting: 0, failed: 0 })], act });

/** @type {(page: Page, view?: View) => Promise<void>} */
const toServer = async (page, view = discovered) => {
  await page.locator('#address').fill('j.jansen@praktijkdelinde.nl');
  await page.locator('#next').click();
  await tell(page, view);
  await page.locator('#password').waitFor();
};
/** Where no way was chosen. @type {(l: Language) => View} */
const unrouted = (l) => {
  const view = /** @type {any} */ (settings(l));
  const [first] = view.accounts;
  const routes = first.routes.map((/** @type {any} */ one) => ({ ...one, used: false }));
  return { ...view, accounts: [{ ...first, routes, gateway: null }], identities: [{ ...identity(l).trial, account: first.address }] };
};
/** @type {(page: Page, l: Language) => Promise<void>} */
const toIdentity = async (page, l) => {
  await toServer(page);
  await page.locator('#password').fill('geheim');
  await page.locator('#next').click();
  await tell(page, frame(l, { waiting: 0, failed: 0 }));
  await tell(page, added);
  const view = /** @type {any} */ (settings(l));
  await tell(page, { ...view, identities: [{ ...identity(l).trial, account: 'j.jansen@praktijkdelinde.nl' }] });
};
/** @type {(page: Page, l: Language, program?: string) => Promise<void>} */
const toProgram = async (page, l, program) => {
  await toIdentity(page, l);
  await page.locator('#next').click();
  await tell(page, access);
  if (program) await page.locator(`input[value=${program}]`).check();
};
/** @type {(page: Page, l: Language) => Promise<void>} */
const toFirst = async (page, l) => {
  await toProgram(page, l);
  await page.locator('#next').click();
};

/** @type {Screen[]} */
export const SETUP = [
  setup('1-address', async () => {}),
  setup('1-missing', async (page) => { await page.locator('#address').fill('jansen'); await page.locator('#next').click(); }),
  setup('1-looking', async (page) => { await page.locator('#address').fill('j.jansen@praktijkdelinde.nl'); await page.locator('#next').click(); }),
  setup('2-server', (page) => toServer(page)),
  setup('2-guess', (page) => toServer(page, /** @type {any} */ ({ ...discovered, source: 'guess', sure: false, outgoing: serverAt('smtp.praktijkdelinde.nl', 587, false), incoming: serverAt('imap.praktijkdelinde.nl', 993, true) }))),
  setup('2-app-password', (page) => toServer(page, /** @type {any} */ ({ ...discovered, source: 'table', outgoing: serverAt('smtp.gmail.com', 465, true), incoming: serverAt('imap.gmail.com', 993, true), login: 'app_password', page: 'https://myaccount.google.com/apppasswords' }))),
  setup('2-microsoft', (page) => toServer(page, /** @type {any} */ ({ ...discovered, source: 'table', outgoing: serverAt('smtp.office365.com', 587, false), incoming: null, login: 'allowed' }))),
  setup('2-not-possible', async (page) => {
    await page.locator('#address').fill('j.jansen@hotmail.nl');
    await page.locator('#next').click();
    await tell(page, /** @type {any} */ ({ ...discovered, address: 'j.jansen@hotmail.nl', source: 'table', outgoing: serverAt('smtp-mail.outlook.com', 587, false, 'j.jansen@hotmail.nl'), incoming: null, login: 'not_possible' }));
    await page.locator('#login').waitFor();
  }),
  setup('2-unsure', (page) => toServer(page, /** @type {any} */ ({ ...discovered, source: 'dns', sure: false }))),
  setup('2-supplier', async (page) => { await toServer(page); await page.locator('input[value=supplier]').check(); await page.locator('#password').fill('geheim'); await page.locator('#next').click(); }),
  setup('2-trying', async (page) => { await toServer(page); await page.locator('#password').fill('geheim'); await page.locator('#next').click(); }),
  setup('2-refused', async (page, l) => {
    await toServer(page);
    await page.locator('#password').fill('geheim');
    await page.locator('#next').click();
    await tell(page, { view: 'trouble', ask: 'add_account', sentence: say(l, 'smtp.provider-example.nl liet ons niet binnen: 535 5.7.8 authentication failed. Kijk naar het wachtwoord, de server en de poort.', 'smtp.provider-example.nl did not let us in: 535 5.7.8 authentication failed; look at the password, the server and the port') });
  }),
  setup('3-identity', toIdentity),
  setup('3-way-works', async (page, l) => {
    await toIdentity(page, l);
    await tell(page, { view: 'way_tried', address: 'j.jansen@praktijkdelinde.nl', route: 'direct', works: true, sentence: say(l, 'Dit werkt: andere mailservers zijn van hier te bereiken, en praktijkdelinde.nl verklaart zelf aan de norm te voldoen.', 'This works: other mail servers can be reached from here, and praktijkdelinde.nl declares itself to comply with the norm.') });
  }),
  setup('3-way-closed', async (page, l) => {
    await toIdentity(page, l);
    await tell(page, { ...added, fetching: 'refused', trouble: say(l, 'Uw mailprovider: imap.provider-example.nl:993 is niet te bereiken.', 'your mail provider: imap.provider-example.nl:993 cannot be reached') });
    await tell(page, unrouted(l));
    await tell(page, { view: 'way_tried', address: 'j.jansen@praktijkdelinde.nl', route: 'direct', works: false, sentence: say(l, 'De mailserver van praktijkdelinde.nl is van hier niet te bereiken. Waarschijnlijk laat uw netwerk of internetprovider dit niet toe (poort 25). Vraag het uw ICT-beheerder, of kies een andere weg.', 'The mail server of praktijkdelinde.nl cannot be reached from here. Probably your network or internet provider does not let it (port 25). Ask your administrator, or choose another way.') });
  }),
  setup('4-outlook', toProgram),
  setup('4-thunderbird', async (page, l) => {
    await toProgram(page, l, 'thunderbird');
    await page.locator('#save-thunderbird').click();
    await tell(page, { view: 'saved', file: 'thunderbird', path: 'C:\\Users\\jansen\\Downloads\\praktijkdelinde.nl.xml' });
  }),
  setup('4-apple', (page, l) => toProgram(page, l, 'apple')),
  setup('4-another', (page, l) => toProgram(page, l, 'another')),
  setup('4-trusted', async (page, l) => {
    await toProgram(page, l);
    await page.locator('#trust').click();
    await tell(page, { view: 'trusted', done: true, sentence: say(l, 'Uw mailprogramma vertrouwt nu het certificaat van Zorgzegel. Dat geldt alleen voor u, op deze computer.', "Your mail program now trusts Zorgzegel's certificate. This holds for you alone, on this computer.") });
  }),
  setup('5-first', toFirst),
  setup('5-seen', async (page, l) => {
    await toFirst(page, l);
    await page.locator('#send-first').click();
    await tell(page, { view: 'first_mail', address: 'j.jansen@praktijkdelinde.nl' });
    await tell(page, { view: 'visited', address: 'j.jansen@praktijkdelinde.nl', handed_in: '2026-11-26T09:44:00Z', fetched: '2026-11-26T09:43:00Z' });
  }),
  { name: 'setup-1-known', page: 'index.html#settings', views: (l) => [frame(l), settings(l)], act: async (page) => {
    await page.locator('#add-account').click();
    await page.locator('#address').fill('J.Jansen@praktijkdelinde.nl');
    await page.locator('#next').click();
    await page.locator('#known').waitFor();
  } },
  setup('5-done', async (page, l) => {
    await toFirst(page, l);
    await page.locator('#send-first').click();
    await tell(page, { view: 'first_mail', address: 'j.jansen@praktijkdelinde.nl' });
  }),
];
