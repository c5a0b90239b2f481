// @ts-check
// What a person does, and what is asked of the engine then.
import assert from 'node:assert/strict';

import { posted } from './browser.mjs';
import { discovered, frame, question, recipients, settings, waiting } from './fixtures.mjs';
import { settle, tell } from './screens.mjs';

/** @typedef {import('playwright-core').Page} Page */
/** @typedef {(page: Page, path: string, views: unknown[], time?: 'fast' | 'held') => Promise<void>} Open */

const HELLO = { ask: 'hello' };
const ID = '01JDKQ8Z3F7G';
const OTHER = '01JDKQ8Z3F8H';
const SECURE = { ask: 'choose', id: ID, way: 'secure', reason: '' };

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
    assert.equal(await page.locator('#primary').innerText(), 'Veilig versturen en bewaren');
    await page.keyboard.press('Enter');
    assert.deepEqual(await asked(page), [{ ...SECURE, way: 'secure_and_dossier' }]);
  },

  async 'one answer is posted once, however often the button is pressed'(page, open) {
    await open(page, 'question.html', one());
    await settle(page);
    await page.locator('#primary').dblclick();
    await page.keyboard.press('Enter');
    assert.deepEqual(await asked(page), [SECURE]);
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
    await open(page, 'question.html', [frame('nl', { waiting: 3 }), question('nl', { stage: 'done', recipients: [{ ...dane, state: 'sent' }, noWay] })]);
    assert.equal(await page.locator('#next').innerText(), 'Volgende (2 wachten nog)');
    await page.locator('#next[aria-disabled=false]').waitFor();
    await page.locator('#again').click();
    await settle(page);
    assert.equal(await page.locator('#primary').innerText(), 'Laten wachten');
    await page.locator('input[value=withdraw]').check();
    await page.locator('#primary').click();
    assert.deepEqual(await asked(page), [{ ...SECURE, way: 'withdraw' }]);
    await tell(page, question('nl', { stage: 'underway', recipients: [{ ...dane, state: 'sent' }, noWay] }));
    await tell(page, question('nl', { stage: 'done', recipients: [{ ...dane, state: 'sent' }, { ...noWay, state: 'withdrawn' }] }));
    await page.locator('#next').click();
    assert.deepEqual((await asked(page)).at(-1), { ask: 'next' });
  },

  async 'text of a mail is text, whatever it holds'(page, open) {
    const runs = [{ text: '<img src=x onerror="window.hurt=1"><script>window.hurt=1</' + 'script>', mark: { kind: 'medical', reason: '<b>x</b>' } }];
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
      { ask: 'choose', id: 'A1', way: 'withdraw', reason: '' },
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
    assert.deepEqual((await asked(page)).slice(1).map((/** @type {any} */ ask) => ask.change), [
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
    await tell(page, { view: 'account_added', address });
    assert.match(await page.locator('h1').innerText(), /Stap 3 van 5/);
    assert.equal(await page.evaluate(() => document.activeElement?.tagName), 'H1');
    const add = { ask: 'add_account', address, host: 'smtp.provider-example.nl', port: 587, implicit: false, username: address, password: 'geheim', direct: true, supplier: null };
    assert.deepEqual(await asked(page), [{ ask: 'discover', address }, add, add, { ask: 'settings' }]);
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

  async 'an identity is taken over from a file'(page, open) {
    await open(page, 'index.html#settings', [frame('nl'), settings('nl')]);
    await page.locator('details:has(#pem) summary').click();
    await page.locator('#pem').setInputFiles({ name: 'sleutel.pem', mimeType: 'text/plain', buffer: Buffer.from('PEM') });
    await page.locator('#import').click();
    await page.waitForFunction(() => /** @type {any} */ (window).__posted.length === 3);
    assert.deepEqual((await asked(page)).at(-1), { ask: 'import_identity', address: 'j.jansen@praktijkdelinde.nl', pem: 'PEM' });
    await tell(page, settings('nl'));
    assert.match(await page.locator('details:has(#pem) [role=status]').innerText(), /^Toegevoegd/);
  },

  async 'what is copied is on the clipboard'(page, open) {
    await open(page, 'index.html#settings', [frame('nl'), settings('nl')]);
    await page.locator('.path button').click();
    assert.match(await page.evaluate(() => navigator.clipboard.readText()), /zorgzegel\.toml$/);
  },
};

/** @type {(newPage: (options: object) => Promise<Page>, open: Open) => Promise<string[]>} */
export async function behaviour(newPage, open) {
  const faults = [];
  const page = await newPage({ viewport: { width: 720, height: 640 } });
  page.setDefaultTimeout(5_000);
  for (const [name, story] of Object.entries(STORIES)) {
    try {
      await story(page, open);
    } catch (error) {
      faults.push(`${name}: ${error instanceof Error ? error.stack : error}`);
    }
  }
  await page.context().close();
  console.log(`${Object.keys(STORIES).length} stories, ${faults.length} broken`);
  return faults;
}
