// @ts-check
// What a person does, and what is asked of the engine then.
import assert from 'node:assert/strict';

import { ARCHIVING } from './archiving.mjs';
import { posted } from './browser.mjs';
import { added, discovered, frame, question, recipients, settings, twice, waiting } from './fixtures.mjs';
import { HANDING } from './handing.mjs';
import { KNOWING } from './knowing.mjs';
import { recordStories } from './record.mjs';
import { received } from './signing.mjs';
import { settle, tell } from './screens.mjs';
import { TEACHING } from './teaching.mjs';
import { WAYS } from './ways.mjs';
import { ACCOUNTS } from './accounts.mjs';

/** @typedef {import('playwright-core').Page} Page */
/** @typedef {(page: Page, path: string, views: unknown[], time?: 'fast' | 'held') => Promise<void>} Open */

const HELLO = { ask: 'hello' };
const ID = '01JDKQ8Z3F7G';
const OTHER = '01JDKQ8Z3F8H';
const DANE = 'poli.neurologie@ziekenhuis.nl';
const SECURE = { ask: 'choose', id: ID, recipients: [DANE], way: 'secure', reason: '', filing: null };
const NEXT = { ask: 'next', id: ID };

/** @type {(page: Page) => Promise<string>} */
const focused = (page) => page.evaluate(() => document.activeElement?.id || /** @type {any} */ (document.activeElement)?.value || '');
/** @type {(page: Page) => Promise<any[]>} */
const asked = async (page) => (await posted(page)).slice(1);
/** Lets time pass in the page. @type {(page: Page, span: number) => Promise<void>} */
const pass = (page, span) => page.evaluate((ms) => /** @type {any} */ (window).__pass(ms), span);
/** @type {(more?: object) => unknown[]} */
const one = (more) => [frame('nl', { waiting: 1 }), question('nl', more)];

/** @type {Record<string, (page: Page, open: Open) => Promise<void>>} */
const STORIES = {
  async 'keys and clicks count for nothing for 700 ms, and each key begins it anew'(page, open) {
    await open(page, 'question.html', one(), 'held');
    await page.locator('#primary').waitFor();
    await pass(page, 699);
    await page.locator('#later').click({ force: true });
    await page.locator('#primary').click({ force: true });
    await page.locator('input[value=withdraw]').click({ force: true });
    assert.equal(await page.locator('input[value=secure]').isChecked(), true);
    await page.keyboard.press('Enter');
    await page.keyboard.press('Space');
    await page.keyboard.press('Escape');
    await page.keyboard.type('\nja\n');
    await pass(page, 699);
    assert.equal(await page.locator('#primary').getAttribute('aria-disabled'), 'true');
    assert.deepEqual(await posted(page), [HELLO]);
    await pass(page, 1);
    assert.equal(await page.locator('#primary').getAttribute('aria-disabled'), 'false');
    await page.keyboard.press('Enter');
    assert.deepEqual(await asked(page), [SECURE]);
  },

  async 'a question that changes to another message is guarded again, and forgets what was picked'(page, open) {
    await open(page, 'question.html', one(), 'held');
    await pass(page, 700);
    await page.locator('input[value=withdraw]').check();
    await tell(page, question('nl', { id: OTHER }));
    await page.keyboard.press('Enter');
    assert.deepEqual(await posted(page), [HELLO]);
    assert.equal(await page.locator('input[value=secure]').isChecked(), true);
    assert.match(await page.locator('#said').innerText(), /al beslist/);
    await pass(page, 700);
    await page.keyboard.press('Enter');
    assert.deepEqual(await asked(page), [{ ...SECURE, id: OTHER }]);
  },

  async 'a look-up that ends with no safe way moves the answer to waiting, under the guard'(page, open) {
    const { unknown, noWay } = recipients('nl');
    await open(page, 'question.html', one({ recipients: [unknown], looking_up: true }), 'held');
    await pass(page, 700);
    assert.equal(await page.locator('#primary').innerText(), 'Veilig versturen');
    await tell(page, question('nl', { recipients: [noWay] }));
    await page.keyboard.press('Enter');
    assert.deepEqual(await posted(page), [HELLO]);
    await pass(page, 700);
    assert.equal(await page.locator('#primary').innerText(), 'Laten wachten');
    await page.keyboard.press('Enter');
    assert.deepEqual(await asked(page), [{ ask: 'snooze', id: ID }]);
  },

  async 'what comes of the look-up does not undo what a person picked'(page, open) {
    const { unknown, dane } = recipients('nl');
    await open(page, 'question.html', one({ recipients: [unknown], looking_up: true }));
    await settle(page);
    await page.locator('input[value=withdraw]').check();
    await tell(page, question('nl', { recipients: [dane] }));
    assert.equal(await page.locator('input[value=withdraw]').isChecked(), true);
    assert.equal(await page.locator('#primary').innerText(), 'Niet versturen');
  },

  async 'a key that is held down answers nothing'(page, open) {
    await open(page, 'question.html', one());
    await settle(page);
    await page.evaluate(() => {
      document.activeElement?.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', repeat: true, bubbles: true, cancelable: true }));
    });
    assert.deepEqual(await posted(page), [HELLO]);
  },

  async 'the window that comes to the front is guarded from then on'(page, open) {
    await open(page, 'question.html', one(), 'held');
    await pass(page, 700);
    await page.evaluate(() => window.dispatchEvent(new Event('focus')));
    await page.keyboard.press('Enter');
    assert.deepEqual(await posted(page), [HELLO]);
  },

  async 'the arrows change the answer and Enter does it'(page, open) {
    await open(page, 'question.html', one());
    await settle(page);
    assert.equal(await focused(page), 'secure');
    await page.keyboard.press('ArrowDown');
    assert.equal(await page.locator('#primary').innerText(), 'Verder: patiënt bevestigen');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Enter');
    assert.deepEqual(await asked(page), [SECURE]);
  },

  async 'one answer is posted once, however often the button is pressed'(page, open) {
    await open(page, 'question.html', one());
    await settle(page);
    await page.locator('#primary').dblclick();
    await page.keyboard.press('Enter');
    assert.deepEqual(await asked(page), [SECURE]);
  },

  async 'a look-up that ends after the answer lets nobody answer twice'(page, open) {
    const { unknown, dane } = recipients('nl');
    await open(page, 'question.html', one({ recipients: [unknown], looking_up: true }));
    await settle(page);
    await page.keyboard.press('Enter');
    await tell(page, question('nl', { recipients: [dane] }));
    assert.equal(await page.locator('#primary').getAttribute('aria-disabled'), 'true');
    await page.keyboard.press('Enter');
    await page.locator('#primary').click({ force: true });
    assert.deepEqual(await asked(page), [SECURE]);
    await tell(page, { view: 'trouble', ask: 'choose', sentence: 'De map is vol.' });
    await settle(page);
    await page.keyboard.press('Enter');
    assert.deepEqual(await asked(page), [SECURE, SECURE]);
  },

  async 'a choice is for those for whom something was to be chosen'(page, open) {
    const { dane, noWay, pkix, ou } = recipients('nl');
    await open(page, 'question.html', one({ recipients: [{ ...dane, state: 'sent' }, noWay, { ...pkix, state: 'failed' }, { ...ou, state: 'withdrawn' }] }));
    await settle(page);
    await page.locator('input[value=withdraw]').check();
    await page.locator('#primary').click();
    assert.deepEqual(await asked(page), [{ ...SECURE, way: 'withdraw', recipients: [noWay?.address, pkix?.address] }]);
  },

  async 'ordinary mail goes to nobody who was not named: where they change, it is asked again'(page, open) {
    const { dane, noWay } = recipients('nl');
    await open(page, 'question.html', one({ recipients: [dane, noWay] }), 'held');
    await pass(page, 700);
    await page.locator('input[value=ordinary]').check();
    await page.locator('#reason').selectOption({ index: 1 });
    await page.locator('#primary').click();
    await tell(page, question('nl', { recipients: [{ ...dane, state: 'sent' }, noWay] }));
    assert.equal(await page.locator('#confirm-ordinary').count(), 0);
    assert.match(await page.locator('#said').innerText(), /ontvangers/);
    await page.locator('#primary').click({ force: true });
    await page.keyboard.press('Enter');
    assert.deepEqual(await posted(page), [HELLO]);
    await pass(page, 700);
    assert.equal(await page.locator('input[value=ordinary]').isChecked(), true);
    await page.locator('#primary').click();
    assert.equal(await page.locator('#said').innerText(), '');
    assert.equal(await page.locator('.confirm dd').first().innerText(), noWay?.address);
    await tell(page, question('nl', { recipients: [{ ...dane, state: 'sent' }, noWay] }));
    await page.locator('#confirm-ordinary').click();
    const { recipients: named, way } = (await asked(page)).at(-1);
    assert.deepEqual({ named, way }, { named: [noWay?.address], way: 'ordinary' });
  },

  async 'going on is posted once, and nothing counts until the next question is there'(page, open) {
    const sent = /** @type {any} */ ({ ...recipients('nl').dane, state: 'sent' });
    const failed = /** @type {any} */ ({ ...recipients('nl').noWay, state: 'failed' });
    await open(page, 'question.html', [frame('nl', { waiting: 2 }), question('nl', { stage: 'done', left: 1, recipients: [sent, failed] })], 'held');
    await pass(page, 700);
    await page.locator('#next').dblclick();
    await pass(page, 2_000);
    // News of the message that goes is no next question.
    await tell(page, question('nl', { stage: 'done', recipients: [sent, { ...failed, attempts: 2 }] }));
    await pass(page, 2_000);
    await page.locator('#again').click({ force: true });
    await page.keyboard.press('Escape');
    await page.locator('#next').click({ force: true });
    assert.equal(await page.locator('#primary').count(), 0);
    assert.deepEqual(await asked(page), [NEXT]);
    await tell(page, question('nl', { id: OTHER }));
    await page.keyboard.press('Enter');
    assert.equal(await page.locator('#said').innerText(), '');
    await pass(page, 700);
    await page.keyboard.press('Escape');
    await pass(page, 2_000);
    await page.locator('#primary').click({ force: true });
    await tell(page, question('nl', { id: OTHER, looking_up: true }));
    await pass(page, 2_000);
    await page.keyboard.press('Enter');
    assert.deepEqual(await asked(page), [NEXT, { ask: 'snooze', id: OTHER }]);
    await tell(page, { view: 'nothing_to_ask' });
    await tell(page, question('nl', { id: OTHER }));
    await pass(page, 700);
    await page.keyboard.press('Enter');
    assert.deepEqual((await asked(page)).at(-1), { ...SECURE, id: OTHER });
  },

  async 'a trouble stands at the message it is about'(page, open) {
    await open(page, 'question.html', one());
    await settle(page);
    await page.keyboard.press('Enter');
    await tell(page, question('nl', { id: OTHER }));
    await settle(page);
    await tell(page, { view: 'trouble', ask: 'choose', sentence: 'De map is vol.' });
    assert.equal(await page.locator('[role=alert]').count(), 0);
    await page.keyboard.press('Enter');
    await tell(page, { view: 'trouble', ask: 'choose', sentence: 'De map is vol.' });
    assert.equal(await page.locator('[role=alert]').innerText(), 'De map is vol.');
  },

  async 'equal names, recipients, accounts, identities and findings are each shown'(page, open) {
    const views = twice('nl');
    /** @type {(selector: string) => Promise<number>} */
    const count = async (selector) => {
      await page.locator(selector).first().waitFor();
      return page.locator(selector).count();
    };
    await open(page, 'question.html', [frame('nl'), views.question]);
    assert.equal(await count('.unread'), 2);
    assert.equal(await count('[data-address]'), 2);
    await settle(page);
    await page.keyboard.press('Enter');
    assert.deepEqual(await asked(page), [SECURE]);
    await open(page, 'question.html', [frame('nl'), views.outcome]);
    assert.equal(await count('[data-address]'), 2);
    await open(page, 'index.html#waiting', [frame('nl'), views.waiting]);
    assert.equal(await count('.who li'), 2);
    await open(page, 'index.html#sent', [frame('nl'), views.sent]);
    assert.equal(await count('.who li'), 2);
    const account = 'j.jansen@praktijkdelinde.nl';
    await open(page, 'index.html#settings', [frame('nl', { accounts: [account, account] }), views.settings]);
    assert.equal(await count('.identity'), 2);
    assert.equal(await count('h3'), 2);
    await open(page, 'index.html#checkup', [frame('nl'), views.checkup]);
    assert.equal(await count('[data-what=listener]'), 2);
  },

  async 'a file that was read is named, though another of its name was not'(page, open) {
    await open(page, 'question.html', one({ files: ['scan.pdf', 'scan.pdf'], unread: [{ name: 'scan.pdf', reason: 'Beveiligd.' }] }));
    assert.match(await page.locator('.line').first().innerText(), /scan\.pdf/);
    assert.equal(await page.locator('.line').count(), 2);
  },

  async 'ordinary mail needs a reason and a second act, whose focus is on going back'(page, open) {
    await open(page, 'question.html', one());
    await settle(page);
    await page.locator('input[value=ordinary]').check();
    await page.locator('#primary').click();
    assert.equal(await page.locator('#confirm-ordinary').count(), 0);
    assert.equal(await focused(page), 'reason');
    await page.locator('#reason').selectOption('other');
    await page.locator('#own').fill('   ');
    await page.locator('#primary').click();
    assert.equal(await page.locator('#confirm-ordinary').count(), 0);
    await page.locator('#own').fill('Gebeld met de ontvanger');
    await page.locator('#primary').click();
    assert.equal(await focused(page), 'back');
    await page.keyboard.press('Enter');
    assert.deepEqual(await posted(page), [HELLO]);
    await page.locator('#primary').click();
    await page.keyboard.press('Escape');
    await page.locator('#primary').click();
    assert.deepEqual(await posted(page), [HELLO]);
    await page.locator('#confirm-ordinary').click();
    assert.deepEqual(await asked(page), [{ ...SECURE, way: 'ordinary', reason: 'Gebeld met de ontvanger' }]);
  },

  async 'Later and Escape let it wait'(page, open) {
    await open(page, 'question.html', one());
    await settle(page);
    await page.keyboard.press('Escape');
    assert.deepEqual(await asked(page), [{ ask: 'snooze', id: ID }]);
    await open(page, 'question.html', one());
    await settle(page);
    await page.locator('#later').click();
    assert.deepEqual(await asked(page), [{ ask: 'snooze', id: ID }]);
  },

  async 'the outcome goes on to the next, or lets choose again for who has it not'(page, open) {
    const { dane, noWay } = recipients('nl');
    await open(page, 'question.html', [frame('nl', { waiting: 4 }), question('nl', { stage: 'done', left: 2, recipients: [{ ...dane, state: 'sent' }, noWay] })]);
    assert.equal(await page.locator('#next').innerText(), 'Volgende (2 wachten nog)');
    await page.locator('#next[aria-disabled=false]').waitFor();
    await page.locator('#again').click();
    await settle(page);
    assert.equal(await page.locator('#primary').innerText(), 'Laten wachten');
    await page.locator('input[value=withdraw]').check();
    await page.locator('#primary').click();
    assert.deepEqual(await asked(page), [{ ...SECURE, recipients: [noWay?.address], way: 'withdraw' }]);
    await tell(page, question('nl', { stage: 'done', recipients: [{ ...dane, state: 'sent' }, { ...noWay, state: 'withdrawn' }] }));
    assert.equal(await page.locator('#again').count(), 0);
    assert.equal(await focused(page), 'next');
    await page.locator('#next').click();
    assert.deepEqual((await asked(page)).at(-1), NEXT);
  },

  async 'choosing again ends where its choice changed something, and stays where it was refused'(page, open) {
    const { dane, pkix } = recipients('nl');
    /** @type {(state: string) => any} */
    const done = (state) => question('nl', { stage: 'done', recipients: /** @type {any} */ ([{ ...dane, state }, { ...pkix, state: 'failed' }]) });
    await open(page, 'question.html', [frame('nl', { waiting: 1 }), done('failed')]);
    await page.locator('#next[aria-disabled=false]').waitFor();
    await page.locator('#again').click();
    await settle(page);
    await page.locator('#primary').click();
    await tell(page, { view: 'trouble', ask: 'choose', sentence: 'De map is vol.' });
    await tell(page, done('failed'));
    assert.equal(await page.locator('[role=alert]').innerText(), 'De map is vol.');
    await page.locator('#primary').click();
    await tell(page, done('chosen'));
    assert.equal(await page.locator('#primary').count(), 0);
    assert.equal(await page.locator('#again').count(), 1);
    assert.equal((await asked(page)).length, 2);
  },

  async 'text of a mail is text, whatever it holds'(page, open) {
    const runs = [{ text: '<img src=x onerror="window.hurt=1"><script>window.hurt=1</' + 'script>', mark: { kind: 'medical', reason: '<b>x</b>', finding: 'x', firm: false, dismissed: false } }];
    await open(page, 'question.html', one({ subject: '<h1>x</h1>', passages: [{ place: 'body', name: null, cut_before: false, cut_after: false, runs }] }));
    assert.equal(await page.locator('mark').innerText(), runs[0]?.text);
    assert.equal(await page.locator('h1').count(), 1);
    assert.equal(await page.evaluate(() => /** @type {any} */ (window).hurt), undefined);
  },

  async 'a message is withdrawn from the list in two steps'(page, open) {
    await open(page, 'index.html#waiting', [frame('nl'), waiting('nl')]);
    await page.locator('#withdraw-A1').click();
    assert.equal(await focused(page), 'keep');
    await page.keyboard.press('Enter');
    assert.equal(await focused(page), 'withdraw-A1');
    await page.locator('#withdraw-A1').click();
    await page.locator('[data-id=A1] .danger').click();
    await page.locator('[data-id=A1] .primary').click();
    await page.locator('[data-id=A2] .button').first().click();
    assert.deepEqual((await asked(page)).slice(1), [
      { ask: 'choose', id: 'A1', recipients: null, way: 'withdraw', reason: '', filing: null },
      { ask: 'open', id: 'A1' },
      { ask: 'hurry', id: 'A2' },
    ]);
  },

  async 'a setting is posted as it is changed, and the language changes the page'(page, open) {
    await open(page, 'index.html#settings', [frame('nl'), settings('nl')]);
    await page.locator('#unreadable').uncheck();
    await page.locator('#remind').selectOption('30');
    await page.locator('#threshold').focus();
    await page.keyboard.press('ArrowRight');
    await page.locator('#language').selectOption('en');
    assert.deepEqual((await asked(page)).filter((one) => one.ask === 'change').map((one) => one.change), [
      { setting: 'hold_unreadable', value: false },
      { setting: 'remind_after', value: 30 },
      { setting: 'threshold', value: 0.55 },
      { setting: 'language', value: 'en' },
    ]);
    await tell(page, frame('en'));
    assert.equal(await page.locator('h1').innerText(), 'Settings');
    assert.equal(await page.title(), 'Settings · Zorgzegel');
    assert.equal(await page.evaluate(() => document.documentElement.lang), 'en');
  },

  async 'going to another page puts the focus on its heading'(page, open) {
    await open(page, 'index.html', [frame('nl')]);
    await page.locator('nav a[href="#checkup"]').click();
    assert.equal(await page.evaluate(() => document.activeElement?.tagName), 'H1');
    assert.deepEqual(await asked(page), [{ ask: 'waiting' }, { ask: 'checkup' }]);
  },

  async 'the set-up keeps an account once its password was tried, and stays to its end'(page, open) {
    const address = 'j.jansen@praktijkdelinde.nl';
    await open(page, 'index.html', [frame('nl', { accounts: [], waiting: 0 })]);
    await page.locator('#address').fill(address);
    await page.keyboard.press('Enter');
    await tell(page, discovered);
    await page.locator('#password').fill('geheim');
    assert.equal(await page.locator('#password').getAttribute('type'), 'password');
    await page.keyboard.press('Enter');
    await tell(page, { view: 'trouble', ask: 'add_account', sentence: 'Het wachtwoord klopt niet.' });
    assert.equal(await focused(page), 'password');
    assert.equal(await page.locator('[role=alert]').innerText(), 'Het wachtwoord klopt niet.');
    await page.keyboard.press('Enter');
    await tell(page, frame('nl', { accounts: [address] }));
    await tell(page, added);
    assert.match(await page.locator('h1').innerText(), /Stap 3 van 5/);
    assert.equal(await page.evaluate(() => document.activeElement?.tagName), 'H1');
    const server = (/** @type {string} */ host, /** @type {number} */ port, /** @type {boolean} */ implicit) => ({ host, port, implicit, username: address });
    const add = {
      ask: 'add_account', address, outgoing: server('smtp.provider-example.nl', 587, false), incoming: server('imap.provider-example.nl', 993, true),
      password: 'geheim', direct: false, supplier: null,
    };
    assert.deepEqual(await asked(page), [{ ask: 'discover', address }, add, add, { ask: 'settings' }]);
  },

  async 'a server that nobody vouches for is laid open to be compared'(page, open) {
    /** @type {(more: object) => Promise<void>} */
    const find = async (more) => {
      await open(page, 'index.html', [frame('nl', { accounts: [], waiting: 0 })]);
      await page.locator('#address').fill('j.jansen@praktijkdelinde.nl');
      await page.keyboard.press('Enter');
      await tell(page, /** @type {any} */ ({ ...discovered, ...more }));
      await page.locator('#password').waitFor();
    };
    await find({ source: 'dns', sure: true });
    assert.equal(await page.locator('#host').isVisible(), false);
    assert.equal(await page.locator('#compare').count(), 0);
    for (const source of ['dns', 'autoconfig']) {
      await find({ source, sure: false });
      assert.equal(await page.locator('#host').isVisible(), true);
      assert.match(await page.locator('#compare').innerText(), /Vergelijk/);
      assert.equal(await page.locator('.found .icon.good').count(), 0);
    }
    await find({ source: 'guess', sure: false });
    assert.equal(await page.locator('#host').isVisible(), true);
    assert.equal(await page.locator('#compare').count(), 0);
  },

  async 'stopping while mail waits is asked about, and staying is one key away'(page, open) {
    await open(page, 'index.html', [frame('nl'), { view: 'confirm_quit', waiting: 3 }]);
    assert.equal(await focused(page), 'quit-stay');
    await page.keyboard.press('Escape');
    assert.equal(await page.locator('dialog').count(), 0);
    await tell(page, /** @type {any} */ ({ view: 'confirm_quit', waiting: 3 }));
    await page.locator('#quit-leave').click();
    assert.deepEqual((await asked(page)).at(-1), { ask: 'quit' });
  },

  async 'what is copied is on the clipboard'(page, open) {
    await open(page, 'index.html#settings', [frame('nl'), settings('nl')]);
    await page.locator('.path button').click();
    assert.match(await page.evaluate(() => navigator.clipboard.readText()), /zorgzegel\.toml$/);
  },
};

/** @type {(newPage: (options: object) => Promise<Page>, open: Open) => Promise<string[]>} */
export async function behaviour(newPage, open) {
  /** @type {string[]} */
  const faults = [];
  const page = await newPage({ viewport: { width: 720, height: 640 } });
  page.setDefaultTimeout(60_000);
  const stories = { ...STORIES, ...TEACHING, ...WAYS, ...ACCOUNTS, ...HANDING, ...ARCHIVING, ...KNOWING, ...recordStories({ frame, question, settings, waiting, received }) };
  let now = '';
  page.on('console', (said) => {
    if (said.text().startsWith('focus lost')) faults.push(`${now}: ${said.text()}`);
  });
  for (const [name, story] of Object.entries(stories)) {
    now = name;
    try {
      await story(page, open);
    } catch (error) {
      faults.push(`${name}: ${error instanceof Error ? error.stack : error}`);
    }
  }
  await page.context().close();
  console.log(`${Object.keys(stories).length} stories, ${faults.length} broken`);
  return faults;
}
