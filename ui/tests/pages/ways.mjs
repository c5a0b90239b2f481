// @ts-check
// A domain that is checked, the chain behind a recipient, and the ways out of an account.
import assert from 'node:assert/strict';

import { posted } from './browser.mjs';
import { domain } from './domains.mjs';
import { frame, question, recipients, settings } from './fixtures.mjs';
import { settle, tell } from './screens.mjs';

/** @typedef {import('playwright-core').Page} Page */
/** @typedef {import('./behaviour.mjs').Open} Open */

const FIRST = 'j.jansen@praktijkdelinde.nl';
const SECOND = 'assistente@praktijkdelinde.nl';

/** @type {(page: Page, ask: string) => Promise<any[]>} */
const asked = async (page, ask) => (await posted(page)).filter((one) => one.ask === ask);
/** @type {(page: Page) => Promise<string>} */
const focused = (page) => page.evaluate(() => document.activeElement?.id ?? '');
/** @type {(page: Page) => Promise<string>} */
const clipboard = (page) => page.evaluate(() => navigator.clipboard.readText());
/** @type {(page: Page, open: Open) => Promise<void>} */
const openDomain = (page, open) => open(page, 'index.html#domain', [frame('nl')]);
/** @type {(page: Page, open: Open, n: number) => Promise<void>} */
const openWays = async (page, open, n) => {
  await open(page, 'index.html#settings', [frame('nl'), settings('nl')]);
  await page.locator(`#ways-${n} > summary`).click();
};

/** @type {Record<string, (page: Page, open: Open) => Promise<void>>} */
export const WAYS = {
  async 'a domain is checked by the keyboard alone, and the focus goes to the answer'(page, open) {
    await openDomain(page, open);
    await page.locator('#domain').fill(' naam@ziekenhuis.nl ');
    await page.keyboard.press('Enter');
    const request = { ask: 'domain', domain: 'naam@ziekenhuis.nl', selectors: [], supplier: null, mailbox: false };
    assert.deepEqual(await asked(page, 'domain'), [request]);
    await tell(page, { view: 'domain', asked: 'naam@ziekenhuis.nl', report: null });
    assert.match(await page.locator('.working').innerText(), /naam@ziekenhuis\.nl wordt bekeken/);
    await page.keyboard.press('Enter');
    assert.equal((await asked(page, 'domain')).length, 1, 'one look at a time');
    await tell(page, domain('nl', 'direct'));
    await page.locator('#verdict').waitFor();
    assert.equal(await focused(page), 'verdict');
    assert.equal(await page.locator('#verdict').innerText(), 'Zorgmail kan veilig naar ziekenhuis.nl.');
    assert.equal(await page.locator('.working').count(), 0);
  },

  async 'the chain is read as a list of four with their states in words'(page, open) {
    await openDomain(page, open);
    await tell(page, domain('nl', 'refuse'));
    const links = page.getByRole('list', { name: 'De keten, in vier schakels' }).getByRole('listitem');
    assert.equal(await links.count(), 4);
    assert.match(await links.nth(3).innerText(), /Bewijs\s+Niet in orde/);
    assert.match(await links.nth(0).innerText(), /Verklaring\s+In orde/);
  },

  async 'a record to publish and the report are copied'(page, open) {
    await openDomain(page, open);
    await tell(page, domain('nl', 'other_way'));
    const copies = page.locator('[data-group=record] .publish button');
    const texts = ['ziekenhuis.nl', 'TXT', 'v=NTA7516-1;startdate=2026-11;enddate=2029-10;provider=KENMERK'];
    for (const [index, text] of texts.entries()) {
      await copies.nth(index).click();
      await page.waitForFunction(async (wanted) => (await navigator.clipboard.readText()) === wanted, text);
    }
    await page.locator('.report button').click();
    await page.waitForFunction(async () => (await navigator.clipboard.readText()).startsWith('Controle'));
    assert.match(await clipboard(page), /ziekenhuis\.nl/);
  },

  async 'nothing is asked of an empty field, and what is wrong is said at it'(page, open) {
    await openDomain(page, open);
    await page.locator('#look').click();
    assert.equal(await focused(page), 'domain');
    assert.match(await page.locator('#domain-missing').innerText(), /ziekenhuis\.nl/);
    assert.deepEqual(await asked(page, 'domain'), []);
    await page.locator('#domain').fill('jan');
    await page.locator('#look').click();
    await tell(page, { view: 'trouble', ask: 'domain', sentence: '‘jan’ is geen maildomein.' });
    assert.equal(await page.locator('#domain-trouble').innerText(), '‘jan’ is geen maildomein.');
    assert.equal(await focused(page), 'domain');
    assert.equal(await page.locator('#look').getAttribute('aria-disabled'), 'false');
  },

  async 'selectors, supplier and mailbox are asked with the domain'(page, open) {
    await openDomain(page, open);
    await page.locator('#domain').fill('ziekenhuis.nl');
    await page.locator('details summary').click();
    await page.locator('#selectors').fill('s1, mail2026');
    await page.locator('#supplier-domain').fill('zorgpost.nl');
    await page.locator('#mailbox').check();
    await page.locator('#look').click();
    const [request] = await asked(page, 'domain');
    assert.deepEqual(request, { ask: 'domain', domain: 'ziekenhuis.nl', selectors: ['s1', 'mail2026'], supplier: 'zorgpost.nl', mailbox: true });
  },

  async 'an answer stands there still after a look at another page'(page, open) {
    await openDomain(page, open);
    await tell(page, domain('nl', 'later'));
    await page.locator('nav a[href="#sent"]').click();
    await page.locator('nav a[href="#domain"]').click();
    assert.match(await page.locator('#verdict').innerText(), /nu niet te zeggen/);
    assert.equal(await page.locator('#domain').inputValue(), 'ziekenhuis.nl');
  },

  async 'each recipient has its guarantee, and what was seen one press away, which answers nothing'(page, open) {
    const { dane, gateway } = recipients('nl');
    await open(page, 'question.html', [frame('nl', { waiting: 1 }), question('nl', { recipients: /** @type {any} */ ([dane, gateway]) })]);
    await settle(page);
    const [one, other] = [page.locator('.list > li').nth(0), page.locator('.list > li').nth(1)];
    assert.match(await one.innerText(), /Zorgzegel levert zelf af/);
    assert.match(await other.innerText(), /beveiligde-mailvoorziening van uw organisatie.*verklaart niet te voldoen/s);
    assert.equal(await one.locator('ol').isVisible(), false);
    await one.locator('summary').focus();
    await page.keyboard.press('Enter');
    assert.match(await one.locator('ol').innerText(), /Bewijs\s+Bij het versturen/);
    await other.locator('summary').click();
    assert.match(await other.locator('ol').innerText(), /Verklaring\s+Niet in orde/);
    assert.match(await other.innerText(), /NTA-record.*R-DNS-1.*publiceert geen NTA-record/s);
    assert.equal((await posted(page)).length, 1, 'only hello');
  },

  async 'routes are put in order, added and taken away'(page, open) {
    await openWays(page, open, 0);
    await page.locator('[data-route=gateway] .plain').click();
    await page.locator('#use-direct-0').click();
    await page.locator('#use-provider-0').click();
    assert.equal(await focused(page), 'mark-0');
    assert.equal(await page.locator('#use-provider-0').isChecked(), false, 'what is drawn is what is kept');
    await page.locator('#mark-0').fill('LAB');
    await page.keyboard.press('Enter');
    const kept = (await asked(page, 'change')).map((one) => one.change);
    const routes = (/** @type {string[]} */ list, /** @type {string | null} */ mark) => ({ setting: 'routes', value: { address: FIRST, routes: list, mark } });
    assert.deepEqual(kept, [
      routes(['gateway', 'direct'], null),
      routes(['gateway'], null),
      routes(['direct', 'gateway', 'provider'], 'LAB'),
    ]);
  },

  async 'a route is tried once at a time, and what was seen stands at it'(page, open) {
    await openWays(page, open, 0);
    await page.locator('#try-gateway-0').click();
    await page.locator('#try-direct-0').click({ force: true });
    assert.deepEqual(await asked(page, 'try_way'), [{ ask: 'try_way', address: FIRST, route: 'gateway' }]);
    assert.match(await page.locator('[data-route=gateway] .working').innerText(), /er wordt niets verstuurd/);
    await tell(page, { view: 'way_tried', address: FIRST, route: 'gateway', works: true, sentence: 'Dit werkt.' });
    assert.equal(await page.locator('#tried-gateway-0').innerText(), 'Dit werkt.');
    assert.equal(await page.locator('#tried-direct-0').count(), 0);
    await page.locator('#try-direct-0').click();
    await tell(page, { view: 'trouble', ask: 'try_way', sentence: 'De sleutelbos is op slot.' });
    assert.equal(await page.locator('[data-route=direct] [role=alert]').innerText(), 'De sleutelbos is op slot.');
  },

  async 'a gateway is kept once it let us in, and the page forgets the password'(page, open) {
    await openWays(page, open, 1);
    await page.locator('#use-gateway-1').click();
    assert.equal(await focused(page), 'gateway-host-1');
    await page.locator('#gateway-save-1').click();
    assert.equal(await focused(page), 'gateway-host-1');
    await page.locator('#gateway-host-1').fill('poort.example');
    await page.keyboard.press('Enter');
    assert.equal(await focused(page), 'gateway-password-1');
    await page.locator('#gateway-password-1').fill('geheim');
    await page.keyboard.press('Enter');
    const request = { ask: 'keep_gateway', address: SECOND, host: 'poort.example', port: 587, implicit: false, username: SECOND, password: 'geheim' };
    assert.deepEqual(await asked(page, 'keep_gateway'), [request]);
    await tell(page, { view: 'trouble', ask: 'keep_gateway', sentence: 'Het wachtwoord klopt niet.' });
    assert.equal(await page.locator('#ways-1 [role=alert]').last().innerText(), 'Het wachtwoord klopt niet.');
    await page.locator('#gateway-save-1').click();
    await tell(page, { view: 'gateway_kept', address: SECOND });
    assert.match(await page.locator('#ways-1 .notice.good').innerText(), /liet ons binnen/);
    assert.equal(await page.locator('#gateway-password-1').inputValue(), '');
  },
};
