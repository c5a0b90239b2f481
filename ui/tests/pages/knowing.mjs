// @ts-check
// What is told where something is not known, went half, or is being done; and where the focus goes.
import assert from 'node:assert/strict';

import { posted } from './browser.mjs';
import { frame, question, recipients, settings, waiting } from './fixtures.mjs';
import { filing, openRecords, proposed } from './record.mjs';
import { settle, tell } from './screens.mjs';

/** @typedef {import('playwright-core').Page} Page */
/** @typedef {import('./behaviour.mjs').Open} Open */

const ID = '01JDKQ8Z3F7G';
/** @type {(page: Page, ask: string) => Promise<any[]>} */
const asked = async (page, ask) => (await posted(page)).filter((one) => one.ask === ask);
/** @type {(page: Page) => Promise<string>} */
const focused = (page) => page.evaluate(() => document.activeElement?.id ?? '');
/** @type {(page: Page) => Promise<string>} */
const text = (page) => page.locator('main').innerText();
/** @type {(view: object) => any} */
const view = (one) => one;

/** To the second act of ordinary mail, for these. @type {(page: Page, open: Open, who: any[]) => Promise<void>} */
const toConfirm = async (page, open, who) => {
  await open(page, 'question.html', [frame('nl'), question('nl', { recipients: who })]);
  await settle(page);
  await page.locator('input[value=ordinary]').check();
  await page.locator('#reason').selectOption({ index: 1 });
  await page.locator('#primary').click();
  await page.locator('#confirm-ordinary').waitFor();
};

/** @type {Record<string, (page: Page, open: Open) => Promise<void>>} */
export const KNOWING = {
  async 'where it cannot be seen what waits nobody reads that all is sent'(page, open) {
    await open(page, 'index.html#waiting', [frame('nl', { waiting: 0, failed: 0 })]);
    assert.doesNotMatch(await text(page), /Er wacht niets|Alle mail/);
    await tell(page, view({ view: 'waiting', items: null }));
    assert.match(await text(page), /Niet te zien wat er wacht/);
    assert.doesNotMatch(await text(page), /Er wacht niets|Alle mail/);
    assert.equal(await page.locator('main .icon.good').count(), 0);
    await tell(page, view({ view: 'waiting', items: [] }));
    assert.match(await text(page), /Er wacht niets/);
  },

  async 'stopping where it cannot be seen what waits says so'(page, open) {
    await open(page, 'index.html#waiting', [frame('nl'), view({ view: 'confirm_quit', waiting: null })]);
    assert.match(await page.locator('#quit-text').innerText(), /kan nu niet zien/);
  },

  async 'settings that cannot be read begin no first run, and are read again at a press'(page, open) {
    const fault = { sentence: 'Regel 12: onbekend veld `archief`.', file: '/home/jansen/.config/zorgzegel/zorgzegel.toml' };
    /** @type {(more?: object) => any} */
    const around = (more) => frame('nl', { accounts: [], waiting: 0, failed: 0, trouble: fault.sentence, fault, ...more });
    await open(page, 'index.html', [around()]);
    assert.match(await text(page), /onbekend veld/);
    assert.match(await text(page), /zorgzegel\.toml/);
    assert.equal(await page.locator('#address').count(), 0);
    await page.locator('#reopen').click();
    await page.locator('#reopen').click({ force: true });
    assert.equal((await asked(page, 'reopen')).length, 1);
    await tell(page, around());
    assert.equal(await page.locator('#reopen').getAttribute('aria-disabled'), 'false');
    await tell(page, around({ accounts: ['j.jansen@praktijkdelinde.nl'], trouble: null, fault: null }));
    assert.equal(await page.locator('#address').count(), 0);
    assert.equal(await page.locator('nav').count(), 1);
  },

  async 'ordinary mail is for those alone without a safe way, unless a person wants more'(page, open) {
    const { dane, noWay } = recipients('nl');
    const [safe, plain] = [dane?.address, noWay?.address];
    await toConfirm(page, open, [dane, noWay]);
    assert.equal(await page.locator('.confirm dd').first().innerText(), plain);
    assert.match(await page.locator('#could-go-safely').innerText(), /poli\.neurologie@ziekenhuis\.nl is er wel een veilige weg/);
    await page.locator('#confirm-ordinary').click();
    const { recipients: to, way } = (await asked(page, 'choose'))[0];
    assert.deepEqual({ to, way }, { to: [plain], way: 'ordinary' });

    await toConfirm(page, open, [dane, noWay]);
    await page.locator('#also').check();
    assert.match(await page.locator('.confirm dd').first().innerText(), new RegExp(`${plain}.*${safe}`));
    await page.locator('#confirm-ordinary').click();
    assert.deepEqual((await asked(page, 'choose'))[0].recipients, [safe, plain]);

    await toConfirm(page, open, [dane, noWay]);
    await page.locator('#confirm-safe').click();
    const first = (await asked(page, 'choose'))[0];
    assert.deepEqual([first.way, first.recipients, first.reason], ['secure', [safe, plain], '']);
  },

  async 'who can be reached safely changes while ordinary mail is confirmed: it is asked anew'(page, open) {
    const { dane, noWay } = recipients('nl');
    await toConfirm(page, open, [dane, noWay]);
    await tell(page, question('nl', { recipients: /** @type {any} */ ([dane, { ...noWay, outlook: 'gateway' }]) }));
    assert.equal(await page.locator('#confirm-ordinary').count(), 0);
    assert.match(await page.locator('#said').innerText(), /ontvangers/);
    assert.deepEqual(await asked(page, 'choose'), []);
  },

  async 'where safe sending leaves somebody out, the button says for how many it is'(page, open) {
    const { dane, noWay, pkix } = recipients('nl');
    await open(page, 'question.html', [frame('nl'), question('nl', { recipients: /** @type {any} */ ([dane, noWay, pkix]) })]);
    await settle(page);
    assert.equal(await page.locator('#primary').innerText(), 'Veilig versturen aan 2 van 3');
  },

  async 'what the record refused is not called sent, and a key does not put it away'(page, open) {
    const sent = { ...recipients('nl').dane, state: 'sent' };
    const done = question('nl', { stage: 'done', recipients: /** @type {any} */ ([sent]), filing: filing('nl').refused });
    await open(page, 'question.html', [frame('nl'), done]);
    await page.locator('#next[aria-disabled=false]').waitFor();
    assert.equal(await page.locator('h1').innerText(), 'Verstuurd, maar niet in het dossier');
    const order = await page.locator('.outcome').innerText();
    assert.ok(order.indexOf('Niet in het dossier') < order.indexOf('poli.neurologie'), order);
    assert.equal(await focused(page), 'title');
    await page.keyboard.press('Enter');
    assert.deepEqual(await asked(page, 'next'), []);
  },

  async 'trying at once and another choice are seen to be done, and asked once'(page, open) {
    await open(page, 'index.html#waiting', [frame('nl'), waiting('nl')]);
    const [hurry, back] = [page.locator('[data-id=A2] .button').nth(0), page.locator('[data-id=A2] .button').nth(1)];
    for (const button of [hurry, back]) {
      await button.dblclick();
      assert.equal(await button.getAttribute('aria-disabled'), 'true');
      assert.match(await button.innerText(), /Bezig/);
    }
    assert.equal((await asked(page, 'hurry')).length, 1);
    assert.equal((await asked(page, 'take_back')).length, 1);
    await tell(page, waiting('nl'));
    for (const button of [hurry, back]) assert.equal(await button.getAttribute('aria-disabled'), 'false');
  },

  async 'a setting that is being kept says so until it is'(page, open) {
    await open(page, 'index.html#settings', [frame('nl'), settings('nl')]);
    await page.locator('#notifications').uncheck();
    assert.equal(await page.locator('#saving').innerText(), 'Wordt bewaard…');
    await tell(page, settings('nl'));
    assert.equal(await page.locator('#saving').innerText(), 'Bewaard');
  },

  async 'the form for the record puts the buttons of the mail away while it is open'(page, open) {
    const list = /** @type {any} */ (waiting('nl'));
    const items = [{ ...list.items[0], filing: filing('nl').refused }];
    await open(page, 'index.html#waiting', [frame('nl'), view({ view: 'waiting', items })]);
    assert.equal(await page.locator('#withdraw-A1').count(), 1);
    await page.locator('#offer-A1').click();
    await tell(page, view({ view: 'filing_of', id: 'A1', proposed }));
    await page.locator('#filing-name').waitFor();
    assert.equal(await page.locator('#withdraw-A1').count(), 0);
    assert.equal(await page.locator('[data-id=A1] .button.primary').count(), 1);
    await page.locator('[data-id=A1] form .button').last().click();
    assert.equal(await page.locator('#withdraw-A1').count(), 1);
    assert.equal(await focused(page), 'offer-A1');
  },

  async 'the focus goes to what is asked, back, and to the nearest heading where its place is gone'(page, open) {
    await open(page, 'index.html#waiting', [frame('nl'), waiting('nl')]);
    await page.locator('#withdraw-A1').click();
    await page.locator('[data-id=A1] .danger').click();
    assert.equal(await focused(page), 'held-A1');
    await page.locator('#withdraw-A3').focus();
    const list = /** @type {any} */ (waiting('nl'));
    await tell(page, view({ view: 'waiting', items: list.items.slice(0, 1) }));
    await page.locator('h2:focus').waitFor();
    await page.locator('#withdraw-A1').focus();
    await tell(page, view({ view: 'waiting', items: [] }));
    await page.locator('h1:focus, h2:focus').waitFor();

    await open(page, 'index.html#settings', [frame('nl'), settings('nl')]);
    await openRecords(page, 0);
    await page.locator('#destination-remove-0-Postmap').click();
    assert.equal(await focused(page), 'destination-stay-0-Postmap');
    await page.keyboard.press('Enter');
    assert.equal(await focused(page), 'destination-remove-0-Postmap');
    await page.keyboard.press('Enter');
    await page.locator('[data-destination=Postmap] .danger').click();
    assert.equal(await focused(page), 'destination-add-0');

    const over = { view: 'leaving', at: '2026-11-26T09:00:00Z', items: [{ account: 'j.jansen@praktijkdelinde.nl', copies: 3, from: '2005-01-01T00:00:00Z', to: '2006-01-01T00:00:00Z' }], agreed: 0, going: [] };
    await open(page, 'index.html#archive', [frame('nl'), view(over)]);
    await page.locator('#let-go').click();
    assert.equal(await focused(page), 'let-go-back');
    await page.keyboard.press('Enter');
    assert.equal(await focused(page), 'let-go');
  },

  async 'another mail in the window leaves no focus behind'(page, open) {
    await open(page, 'question.html', [frame('nl'), question('nl')]);
    await settle(page);
    await page.locator('input[value=withdraw]').check();
    await tell(page, question('nl', { id: `${ID}X` }));
    await settle(page);
    assert.equal(await page.evaluate(() => /** @type {any} */ (document.activeElement).value), 'secure');
  },
};
