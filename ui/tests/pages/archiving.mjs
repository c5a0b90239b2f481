// @ts-check
// What a person does with what is kept.
import assert from 'node:assert/strict';

import { FIRST, FOLDER, WORDS, copy, dragFirst, found, going, items, lacking, leaving, openFirst, saved, showWords, typeWords } from './archived.mjs';
import { posted } from './browser.mjs';
import { frame } from './fixtures.mjs';

/** @typedef {import('playwright-core').Page} Page */
/** @typedef {import('./behaviour.mjs').Open} Open */

/** @type {(page: Page, view: unknown) => Promise<void>} */
const tell = (page, view) => page.evaluate((one) => /** @type {any} */ (window).__view(one), view);
/** @type {(page: Page, ask: string) => Promise<any[]>} */
const asked = async (page, ask) => (await posted(page)).filter((one) => one.ask === ask);
/** @type {(page: Page, ask: string, count: number) => Promise<any>} */
const until = async (page, ask, count) => {
  await page.waitForFunction(([ask, count]) => /** @type {any} */ (window).__posted.filter((/** @type {any} */ one) => one.ask === ask).length >= /** @type {number} */ (count), /** @type {const} */ ([ask, count]));
  return (await asked(page, ask)).at(-1);
};
/** @type {(page: Page) => Promise<string>} */
const focused = (page) => page.evaluate(() => document.activeElement?.id ?? '');
/** @type {(page: Page, open: Open, time?: 'fast' | 'held') => Promise<void>} */
const openArchive = async (page, open, time) => {
  await open(page, 'index.html#archive', [frame('nl')], time);
  await until(page, 'archive', 1);
};
/** @type {(page: Page) => Promise<string[]>} */
const listed = (page) => page.locator('[data-id]').evaluateAll((all) => all.map((one) => one.getAttribute('data-id') ?? ''));

/** @type {Record<string, (page: Page, open: Open) => Promise<void>>} */
export const ARCHIVING = {
  async 'words are looked for when the typing rests, once, and an older answer is no answer'(page, open) {
    await openArchive(page, open, 'held');
    await page.locator('#words').pressSequentially('menis');
    assert.equal((await asked(page, 'archive')).length, 1, 'not at each letter');
    await page.evaluate((ms) => /** @type {any} */ (window).__pass(ms), 200);
    const request = await until(page, 'archive', 2);
    assert.deepEqual([request.words, request.number, request.after], ['menis', 2, null]);
    await tell(page, found('nl', { number: 1 }));
    assert.deepEqual(await listed(page), []);
    await tell(page, found('nl', { number: 2, items: items('nl').slice(0, 1), narrowed: true }));
    assert.deepEqual(await listed(page), [FIRST]);
  },

  async 'filters narrow at once, and a period has its days whole'(page, open) {
    await openArchive(page, open);
    await tell(page, found('nl'));
    await page.locator('#direction').selectOption('sent');
    assert.equal((await until(page, 'archive', 2)).direction, 'sent');
    await page.locator('#period').selectOption('own');
    await page.locator('#from').fill('01-11-2026');
    await page.locator('#to').fill('26-11-2026');
    await page.keyboard.press('Tab');
    const { since, until: end } = await until(page, 'archive', 5);
    assert.deepEqual([since, end], ['2026-10-31T23:00:00.000Z', '2026-11-26T23:00:00.000Z']);
  },

  async 'older copies come behind those that are there'(page, open) {
    await openArchive(page, open);
    const [one, two, three] = items('nl');
    await tell(page, found('nl', { items: [one, two], next: 41 }));
    await page.locator('#more').click();
    const request = await until(page, 'archive', 2);
    assert.equal(request.after, 41);
    await tell(page, found('nl', { number: request.number, more: true, items: [three] }));
    assert.deepEqual(await listed(page), [one.id, two.id, three.id]);
    assert.equal(await page.locator('#more').count(), 0);
  },

  async 'older copies are asked for of the words that stand there, not of those before'(page, open) {
    await openArchive(page, open, 'held');
    await tell(page, found('nl', { next: 41 }));
    await page.locator('#words').pressSequentially('menis');
    await page.locator('#more').click();
    const request = await until(page, 'archive', 2);
    assert.deepEqual([request.words, request.after], ['menis', null]);
    await page.evaluate((ms) => /** @type {any} */ (window).__pass(ms), 200);
    assert.equal((await asked(page, 'archive')).length, 2, 'and not once more');
    await tell(page, found('nl', { number: request.number, items: items('nl').slice(0, 1), narrowed: true }));
    assert.deepEqual(await listed(page), [FIRST]);
  },

  async 'by keyboard alone a copy is opened, read and left, and the focus is where it was'(page, open) {
    await openArchive(page, open);
    await tell(page, found('nl'));
    await page.locator('main h1').focus();
    await page.keyboard.press('/');
    assert.equal(await focused(page), 'words');
    await page.locator(`[id="open-${FIRST}"]`).focus();
    await page.keyboard.press('Enter');
    assert.deepEqual(await until(page, 'open_copy', 1), { ask: 'open_copy', id: FIRST });
    assert.equal(await focused(page), 'copy');
    await tell(page, copy('nl'));
    await page.keyboard.press('Escape');
    await page.locator(`[id="open-${FIRST}"]:focus`).waitFor();
  },

  async 'a copy that does not open says so in its heading, and is waited for no more'(page, open) {
    await openArchive(page, open);
    await tell(page, found('nl'));
    await page.locator(`[id="open-${FIRST}"]`).click();
    assert.equal(await page.locator('h1').innerText(), 'Een ogenblik…');
    await tell(page, { view: 'trouble', ask: 'open_copy', sentence: 'Deze kopie staat niet meer in het archief; bekijk de lijst opnieuw.' });
    assert.equal(await page.locator('h1').innerText(), 'Deze kopie gaat niet open');
  },

  async 'a line that is dragged a few pixels asks once for its file, and is not opened'(page, open) {
    await openArchive(page, open);
    await tell(page, found('nl'));
    assert.match(await page.locator('#drag-said').innerText(), /Sleep een regel .* ‘Bewaar als…’/);
    await dragFirst(page, 3);
    assert.deepEqual(await asked(page, 'drag_copy'), [], 'a hand trembles');
    await page.mouse.up();
    assert.deepEqual(await until(page, 'open_copy', 1), { ask: 'open_copy', id: FIRST });
    await page.keyboard.press('Escape');
    await dragFirst(page, 40);
    await page.mouse.move(300, 40);
    assert.deepEqual(await asked(page, 'drag_copy'), [{ ask: 'drag_copy', id: FIRST }]);
    await page.locator('#drag-said[data-stands=making]').waitFor();
    // The system has the pointer: the page never sees the button go up.
    await tell(page, { view: 'dragged', end: 'dropped' });
    assert.match(await page.locator('#drag-said[data-stands=dropped]').innerText(), /tot een uur daarna/);
    await page.mouse.up();
    await page.locator(`[id="open-${FIRST}"]`).focus();
    await page.keyboard.press('Enter');
    await until(page, 'open_copy', 2);
    assert.deepEqual(await asked(page, 'stop_drag'), []);
  },

  async 'who lets go before the file is there is told so, and nothing is opened'(page, open) {
    await openArchive(page, open);
    await tell(page, found('nl'));
    await dragFirst(page, 40);
    await until(page, 'drag_copy', 1);
    await page.mouse.up();
    await until(page, 'stop_drag', 1);
    await tell(page, { view: 'dragged', end: 'too_early' });
    assert.match(await page.locator('#drag-said').innerText(), /voordat de PDF klaar was/);
    await page.mouse.move(10, 10);
    assert.deepEqual([(await asked(page, 'drag_copy')).length, (await asked(page, 'open_copy')).length], [1, 0]);
    await dragFirst(page, 40, 'right');
    await page.mouse.up({ button: 'right' });
    assert.equal((await asked(page, 'drag_copy')).length, 1, 'with the other button nothing is dragged');
  },

  async 'why a line cannot be dragged stands above the list'(page, open) {
    await openArchive(page, open);
    await tell(page, found('nl'));
    await dragFirst(page, 40);
    await until(page, 'drag_copy', 1);
    const sentence = 'Deze kopie staat niet meer in het archief; bekijk de lijst opnieuw.';
    await tell(page, { view: 'trouble', ask: 'drag_copy', sentence });
    assert.equal(await page.locator('#drag-trouble').innerText(), sentence);
    await page.mouse.up();
    await dragFirst(page, 40);
    assert.equal(await page.locator('#drag-trouble').count(), 0, 'the next drag begins anew');
    await page.mouse.up();
  },

  async 'markup of a mail is text, and nothing else'(page, open) {
    await openArchive(page, open);
    await openFirst(page, 'nl');
    await tell(page, copy('nl', { text: '<img src=x onerror="window.__bad=1"><b>vet</b>' }));
    assert.match(await page.locator('.text').innerText(), /<img src=x/);
    assert.equal(await page.locator('.text *').count(), 0);
  },

  async 'a copy is saved in the forms that were chosen, into the folder that was named'(page, open) {
    await openArchive(page, open);
    await openFirst(page, 'nl');
    await page.locator('#save').click();
    await tell(page, { view: 'save_folder', folder: FOLDER });
    assert.equal(await page.locator('#folder').inputValue(), FOLDER);
    await page.locator('#form-eml').check();
    await page.locator('#folder').fill(' /media/stick ');
    await page.keyboard.press('Enter');
    assert.deepEqual(await until(page, 'save_copies', 1), { ask: 'save_copies', ids: [FIRST], folder: '/media/stick', forms: { pdf: true, eml: true, xml: false } });
    await page.locator('#save-now').click({ force: true });
    assert.equal((await asked(page, 'save_copies')).length, 1, 'not twice');
    await tell(page, saved());
    await page.locator('#saved:focus').waitFor();
    assert.match(await page.locator('#saved').innerText(), /Verwijzing dhr\. Jansen\.pdf/);
  },

  async 'a folder is picked in the window of the system, and one that is closed leaves what stood there'(page, open) {
    await openArchive(page, open);
    await openFirst(page, 'nl');
    await page.locator('#save').click();
    await tell(page, { view: 'save_folder', folder: FOLDER });
    await page.locator('#folder-pick').click();
    assert.deepEqual(await until(page, 'pick_folder', 1), { ask: 'pick_folder', from: FOLDER });
    await page.locator('#folder-pick').click({ force: true });
    assert.equal((await asked(page, 'pick_folder')).length, 1, 'one window at a time');
    await tell(page, { view: 'folder_picked', folder: null });
    await page.locator('#folder:focus').waitFor();
    assert.equal(await page.locator('#folder').inputValue(), FOLDER);
    await page.locator('#folder-pick').click();
    await tell(page, { view: 'folder_picked', folder: '/media/stick' });
    await page.locator('#folder:focus').waitFor();
    assert.equal(await page.locator('#folder').inputValue(), '/media/stick');
  },

  async 'without a form or a folder nothing is saved, and it is said'(page, open) {
    await openArchive(page, open);
    await openFirst(page, 'nl');
    await page.locator('#save').click();
    await page.locator('#form-pdf').uncheck();
    await page.locator('#save-now').click();
    await page.locator('#form-missing').waitFor();
    await page.locator('#form-xml').check();
    await page.locator('#folder').fill('');
    await page.locator('#save-now').click();
    await page.locator('#folder-missing').waitFor();
    assert.deepEqual(await asked(page, 'save_copies'), []);
  },

  async 'saving everything shows how far it is, and can be stopped'(page, open) {
    await openArchive(page, open);
    await tell(page, found('nl'));
    await page.locator('#everything').click();
    await tell(page, { view: 'save_folder', folder: FOLDER });
    await page.locator('#save-now').click();
    assert.deepEqual((await until(page, 'save_copies', 1)).ids, null);
    await tell(page, { view: 'archive_saving', done: 3, of: 12 });
    assert.equal(await page.locator('progress').getAttribute('value'), '3');
    await page.locator('#save-stop').click();
    await until(page, 'stop_saving', 1);
    await tell(page, saved({ copies: 3, files: [], end: { how: 'stopped' } }));
    assert.match(await page.locator('#saved').innerText(), /Gestopt/);
  },

  async 'what could not be saved is told by name, with what is there of it'(page, open) {
    await openArchive(page, open);
    await tell(page, found('nl'));
    await page.locator('#everything').click();
    await tell(page, { view: 'save_folder', folder: FOLDER });
    await page.locator('#save-now').click();
    await tell(page, saved({ copies: 11, files: [], lacks: 12, lacking: lacking('nl') }));
    const told = await page.locator('#saved').innerText();
    for (const words of [/Van 12 berichten is niet alles bewaard/, /De Boer: De PDF kan niet worden gemaakt/, /\(\.eml\) staat er wel/, /Hiervan staat er niets/, /En nog 10 berichten/, /onvolledig\.csv/]) assert.match(told, words);
    await page.locator('#saved.attention').waitFor();
  },

  async 'a copy is deleted by a second act only, and then it is gone from the list'(page, open) {
    await openArchive(page, open);
    await openFirst(page, 'nl');
    await page.locator('#remove').click();
    assert.equal(await focused(page), 'remove-keep', 'Enter keeps it');
    await page.keyboard.press('Enter');
    await page.locator('dialog').waitFor({ state: 'detached' });
    assert.deepEqual(await asked(page, 'delete_copies'), []);
    await page.locator('#remove').click();
    assert.match(await page.locator('#remove-text').innerText(), /niemand haar meer lezen/);
    await page.locator('#remove-now').click();
    assert.deepEqual(await until(page, 'delete_copies', 1), { ask: 'delete_copies', ids: [FIRST] });
    await tell(page, { view: 'archive_deleted', ids: [FIRST] });
    await page.locator('#deleted:focus').waitFor();
    assert.ok(!(await listed(page)).includes(FIRST));
  },

  async 'what was let go is listed with its day until it goes, and can be kept after all'(page, open) {
    await openArchive(page, open);
    await tell(page, found('nl'));
    await tell(page, leaving({ items: [], going: going() }));
    assert.match(await page.locator('[aria-labelledby="going"]').innerText(), /215 kopieën, de eerste op .*26.*\d/s);
    await page.locator('#keep-agreed-0').click();
    assert.deepEqual(await until(page, 'keep_agreed', 1), { ask: 'keep_agreed', account: 'j.jansen@praktijkdelinde.nl' });
    await tell(page, leaving());
    await page.locator('#leaving:focus').waitFor();
    assert.equal(await page.locator('#going').count(), 0);
  },

  async 'old copies go by a second act, and only those that were shown'(page, open) {
    await openArchive(page, open);
    await tell(page, found('nl'));
    await tell(page, leaving());
    await page.locator('#let-go').click();
    assert.deepEqual(await asked(page, 'let_go'), []);
    await page.locator('#let-go-now').click();
    assert.deepEqual(await until(page, 'let_go', 1), { ask: 'let_go', shown: '2026-11-26T09:42:00Z' });
    await tell(page, leaving({ items: [], agreed: 215, going: going() }));
    assert.match(await page.locator('#let-go-done').innerText(), /215 kopieën worden over 30 dagen verwijderd/);
    await openArchive(page, open);
    await tell(page, leaving());
    await page.locator('#keep-them').click();
    assert.equal(await page.locator('#leaving').count(), 0);
    assert.deepEqual(await asked(page, 'let_go'), []);
  },

  async 'recovery words are shown after a deliberate act, typed back, and then nowhere'(page, open) {
    await open(page, 'index.html#recovery', [frame('nl')]);
    assert.deepEqual(await until(page, 'recovery', 1), { ask: 'recovery', make: false });
    await tell(page, { view: 'recovery', made: false, checked: false, words: [] });
    await showWords(page);
    assert.deepEqual((await asked(page, 'recovery')).at(-1), { ask: 'recovery', make: true });
    assert.equal(await page.locator('ol li').count(), WORDS.length);
    await page.locator('#recovery-written').click();
    await page.locator('#recovery-check:focus').waitFor();
    const text = () => page.locator('main').innerText();
    assert.ok(!(await text()).includes(WORDS[7] ?? '-'), 'not beside what is typed');
    await page.locator('#word-0').fill('hond');
    await page.locator('#recovery-ready').click();
    await page.locator('#recovery-wrong').waitFor();
    await typeWords(page);
    await page.keyboard.press('Enter');
    await page.locator('#recovery-done').waitFor();
    assert.equal((await asked(page, 'recovery_checked')).length, 1);
    const html = await page.content();
    assert.deepEqual(WORDS.filter((word) => html.includes(word)), []);
  },
};
