// @ts-check
// What a person says of findings, an organisation's own, and texts that are tried.
import assert from 'node:assert/strict';

import { posted } from './browser.mjs';
import { frame, harmless, passages, question, recipients, settings, taught, trial } from './fixtures.mjs';
import { settle, tell } from './screens.mjs';

/** @typedef {import('playwright-core').Page} Page */
/** @typedef {import('./behaviour.mjs').Open} Open */

const ID = '01JDKQ8Z3F7G';
const VRIES = { id: ID, finding: 'name-mw-De-Vries' };
/** @type {(page: Page) => Promise<any[]>} */
const asked = async (page) => (await posted(page)).slice(1);
/** @type {(page: Page) => Promise<string>} */
const focusedText = (page) => page.evaluate(() => /** @type {any} */ (document.activeElement).textContent.replace(/\s+/g, ' ').replace(' :', ':').trim());
/** @type {(more: object) => unknown[]} */
const one = (more) => [frame('nl', { waiting: 1 }), question('nl', { level: 'possible', ...more })];
/** @type {(page: Page, ask: string) => Promise<any>} */
const lastAsked = async (page, ask) => {
  await page.waitForFunction((word) => /** @type {any} */ (window).__posted.at(-1)?.ask === word, ask);
  return (await posted(page)).at(-1);
};

/** @type {Record<string, (page: Page, open: Open) => Promise<void>>} */
export const TEACHING = {
  async 'a finding is called wrong by the keyboard, and the keyboard stays on the way back'(page, open) {
    await open(page, 'question.html', one({ passages: harmless('nl') }));
    await settle(page);
    await page.locator('[data-finding=name] button').focus();
    assert.equal(await focusedText(page), 'Dit klopt niet: mw. De Vries');
    await page.keyboard.press('Enter');
    assert.deepEqual(await asked(page), [{ ask: 'dismiss', ...VRIES }]);
    await page.keyboard.press('Enter');
    assert.equal((await asked(page)).length, 1, 'one press while it is kept');
    const [some] = harmless('nl');
    const struck = some?.runs.map((run) => (run.mark?.kind === 'name' ? { ...run, mark: { ...run.mark, dismissed: true } } : run));
    await tell(page, question('nl', { level: 'possible', passages: [/** @type {any} */ ({ ...some, runs: struck })] }));
    assert.match(await page.locator('#said').innerText(), /^Onthouden: “mw\. De Vries”/);
    assert.equal(await page.locator('.paper s[data-kind=name]').count(), 1);
    assert.equal(await focusedText(page), 'Ongedaan maken: mw. De Vries');
    await page.keyboard.press('Space');
    assert.deepEqual((await asked(page)).at(-1), { ask: 'undo_dismissal', ...VRIES });
  },

  async 'it is said how many places are left out'(page, open) {
    await open(page, 'question.html', one({ passages: passages('nl') }));
    await settle(page);
    assert.equal(await page.locator('#more').count(), 0);
    await tell(page, question('nl', { passages: passages('nl'), more: 1 }));
    assert.equal(await page.locator('#more').innerText(), 'En nog 1 plaats, die hier niet staat.');
    await tell(page, question('nl', { passages: passages('nl'), more: 217 }));
    assert.equal(await page.locator('#more').innerText(), 'En nog 217 plaatsen, die hier niet staan.');
  },

  async 'calling something wrong answers nothing'(page, open) {
    await open(page, 'question.html', one({ passages: harmless('nl') }));
    await settle(page);
    await page.locator('[data-finding=medical] button').click();
    await tell(page, question('nl', { settled: true, level: 'none', passages: harmless('nl', true) }));
    assert.equal(await page.locator('h1').innerText(), 'Er is niets meer gevonden');
    assert.match(await page.locator('#said').innerText(), /wacht nog/);
    assert.equal(await page.locator('input[value=secure]').isChecked(), true, 'the safest is preselected still');
    assert.ok((await asked(page)).every((request) => request.ask === 'dismiss'));
  },

  async 'where nothing is left ordinary mail stands first, and goes without a reason by a choice'(page, open) {
    const { noWay } = recipients('nl');
    await open(page, 'question.html', one({ settled: true, level: 'none', passages: harmless('nl', true), recipients: [noWay] }));
    await settle(page);
    assert.equal(await page.locator('input[name=way]').first().getAttribute('value'), 'plain');
    assert.equal(await page.locator('#primary').innerText(), 'Laten wachten');
    await page.locator('input[value=plain]').check();
    assert.equal(await page.locator('#reasons').count(), 0);
    await page.locator('#primary').click();
    assert.deepEqual(await asked(page), [{ ask: 'choose', id: ID, recipients: [noWay?.address], way: 'plain', reason: '', filing: null }]);
  },

  async 'what is picked without a reason falls back to safe where something counts again'(page, open) {
    await open(page, 'question.html', one({ settled: true, level: 'none', passages: harmless('nl', true) }));
    await settle(page);
    await page.locator('input[value=plain]').check();
    await tell(page, question('nl', { level: 'possible', passages: harmless('nl') }));
    assert.equal(await page.locator('input[value=secure]').isChecked(), true);
  },

  async 'a labelled number and birth date have no button, and why is said'(page, open) {
    await open(page, 'question.html', one({ passages: passages('nl') }));
    await settle(page);
    assert.equal(await page.locator('[data-finding=bsn] button, [data-finding=dob] button').count(), 0);
    assert.ok((await page.locator('[data-finding=medical] button').count()) > 0);
    assert.match(await page.locator('#firm').innerText(), /telt altijd mee/);
    await open(page, 'question.html', one({ passages: harmless('nl') }));
    await settle(page);
    assert.equal(await page.locator('#firm').count(), 0);
  },

  async 'what was taught is forgotten one by one or all'(page, open) {
    await open(page, 'index.html#settings', [frame('nl'), settings('nl'), taught]);
    const finding = /** @type {any} */ (taught).items[0].finding;
    await page.locator(`[data-finding="${finding}"] button`).click();
    assert.deepEqual(await lastAsked(page, 'forget'), { ask: 'forget', finding });
    assert.equal(await page.evaluate(() => document.activeElement?.id), 'taught');
    await tell(page, taught);
    await page.locator('#forget-all').click();
    assert.deepEqual((await posted(page)).at(-1), { ask: 'forget', finding: null });
  },

  async 'an organisation’s own is saved line by line, and only where it changed'(page, open) {
    await open(page, 'index.html#settings', [frame('nl'), settings('nl')]);
    assert.equal(await page.locator('#staff-save').getAttribute('aria-disabled'), 'true');
    await page.locator('#staff').fill('A. Bakker\n\n  b@praktijkdelinde.nl  \n');
    await page.locator('#staff-save').click();
    const value = ['A. Bakker', 'b@praktijkdelinde.nl'];
    assert.deepEqual(await lastAsked(page, 'change'), { ask: 'change', change: { setting: 'staff', value } });
    await tell(page, /** @type {any} */ ({ ...settings('nl'), staff: value }));
    assert.equal(await page.locator('#staff-save').getAttribute('aria-disabled'), 'true');
    assert.match(await page.locator('.field:has(#staff) [role=status]').innerText(), /Bewaard/);
    await page.locator('#terms').fill('');
    await page.locator('#terms-save').click();
    assert.deepEqual(await lastAsked(page, 'change'), { ask: 'change', change: { setting: 'own_terms', value: null } });
  },

  async 'a text is judged a moment after the last key, and an old answer is not shown'(page, open) {
    await open(page, 'index.html#settings', [frame('nl'), settings('nl')], 'held');
    await page.locator('#trial-text').fill('Lunch');
    await page.locator('#trial-text').fill('Lunch morgen om 12 uur?');
    assert.ok((await posted(page)).every((request) => request.ask !== 'judge'));
    await page.evaluate(() => /** @type {any} */ (window).__pass(300));
    const { number, text } = (await posted(page)).at(-1);
    assert.equal(text, 'Lunch morgen om 12 uur?');
    await tell(page, trial('nl', number - 1, 'certain'));
    assert.equal(await page.locator('#verdict p').count(), 0);
    await tell(page, trial('nl', number, 'none'));
    assert.match(await page.locator('#verdict').innerText(), /niet over gevraagd.*Score 0,08\. Vanaf 0,50/s);
    await tell(page, settings('nl'));
    assert.ok((await posted(page)).at(-1).number > number, 'other settings judge it anew');
    await page.locator('#trial-text').fill('');
    await page.evaluate(() => /** @type {any} */ (window).__pass(300));
    assert.equal(await page.locator('#verdict p').count(), 0);
  },
};
