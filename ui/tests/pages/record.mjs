// @ts-check
// The patient record: what the engine would tell of it, its screens, and what a person does.
import assert from 'node:assert/strict';

import { posted } from './browser.mjs';

/** @typedef {import('playwright-core').Page} Page */
/** @typedef {import('../../src/contract').Language} Language */
/** @typedef {import('../../src/contract').View} View */
/** @typedef {import('./behaviour.mjs').Open} Open */

const FIRST = 'j.jansen@praktijkdelinde.nl';
const SECOND = 'assistente@praktijkdelinde.nl';
const ID = '01JDKQ8Z3F7G';
export const COPY = '01JDKQ8Z3F7G0000000000000B';

/** @type {import('../../src/contract').DestinationView[]} */
export const destinations = [
  { name: 'Ons HIS', kind: 'fhir', place: 'https://his.praktijkdelinde.nl/fhir', certificate: false, sender: '', receiver: '' },
  { name: 'Postmap', kind: 'folder', place: 'C:\\Praktijk\\Dossier\\Mail', certificate: false, sender: '', receiver: '' },
];

/** @type {import('../../src/contract').FilingForm} */
const form = {
  destination: 'Ons HIS',
  name: 'P. Jansen',
  birth_date: '12-03-1956',
  bsn: '123456782',
  author: 'J. Jansen, huisarts',
  date: '26-11-2026',
  written_at: '2026-11-26T09:41:10Z',
  kind: 'correspondence',
  confirmed: false,
};

/** @type {import('../../src/contract').Proposed} */
export const proposed = { destinations, form, several: false };
/** @type {import('../../src/contract').Proposed} */
export const nobody = { ...proposed, form: { ...form, name: '', birth_date: '', bsn: '' } };

/** @type {(l: Language, nl: string, en: string) => string} */
const say = (l, nl, en) => (l === 'nl' ? nl : en);

/** How far a filing is, in each state. @type {(l: Language) => Record<'later' | 'due' | 'again' | 'filed' | 'refused' | 'stopped', import('../../src/contract').FilingView>} */
export const filing = (l) => {
  const bare = { sentence: null, said: null, maybe_there: false, place: null, next_attempt_at: null, system: null, earlier: [] };
  return {
    later: { ...bare, stands: 'after_sending' },
    due: { ...bare, stands: 'due' },
    again: { ...bare, stands: 'due', sentence: say(l, 'Het dossiersysteem heeft nu een storing; het wordt opnieuw geprobeerd.', 'The record system has trouble now; it is tried again.'), maybe_there: true, next_attempt_at: '2026-11-26T10:05:00Z' },
    filed: { ...bare, stands: 'filed', place: 'DocumentReference/7/_history/1' },
    refused: { ...bare, stands: 'refused', sentence: say(l, 'Het dossiersysteem kent deze patiënt meer dan eens; laat het daar nakijken.', 'The record system knows this patient more than once; have it looked at there.'), said: 'Multiple matches for Patient?identifier=123456782' },
    stopped: { ...bare, stands: 'stopped', maybe_there: true },
  };
};

/** A mail that came in, as it waits for the record system. @type {(l: Language, state: 'again' | 'refused') => import('../../src/contract').Held} */
export const cameIn = (l, state) => ({
  id: COPY, kind: 'copy', subject: say(l, 'Ontslagbrief dhr. Jansen', 'Discharge letter Mr Jansen'), account: FIRST, held_at: '2026-11-26T08:51:00Z', asked_again_at: null,
  can_choose: false, can_hurry: false, can_take_back: false, can_withdraw: false, recipients: [], filing: filing(l)[state],
});

/** @type {(l: Language) => View} */
export const faults = (l) => ({
  view: 'filing_faults',
  id: ID,
  faults: [
    { field: 'birth_date', sentence: say(l, 'Schrijf de geboortedatum als dag-maand-jaar, met vier cijfers voor het jaar: 12-03-1956.', 'Write the date of birth as day-month-year, with four digits for the year: 12-03-1956.') },
    { field: 'bsn', sentence: say(l, 'Dit is geen burgerservicenummer (de elfproef klopt niet); kijk de cijfers na.', 'This is no citizen service number (it fails the eleven-test); look at its digits.') },
  ],
});

/** @type {(page: Page, ask: string) => Promise<any[]>} */
const asked = async (page, ask) => (await posted(page)).filter((one) => one.ask === ask);
/** @type {(page: Page) => Promise<string>} */
const focused = (page) => page.evaluate(() => document.activeElement?.id ?? '');
/** @type {(page: Page, view: View) => Promise<void>} */
const tell = (page, view) => page.evaluate((one) => /** @type {any} */ (window).__view(one), view);

/** From the question to the patient, by the keyboard. @type {(page: Page) => Promise<void>} */
export const toPatient = async (page) => {
  await page.locator('#primary[aria-disabled=false]').waitFor();
  await page.locator('input[name=way][value=secure_and_dossier]').check();
  await page.keyboard.press('Enter');
  await page.locator('#filing-name').waitFor();
};

/** @type {(page: Page, n: number) => Promise<void>} */
export const openRecords = async (page, n) => {
  await page.locator(`#dossier-${n} > summary`).click();
  await page.locator(`#destination-add-${n}`).waitFor();
};

/** @type {(views: { frame: (l: Language, more?: object) => View, question: (l: Language, more?: object) => View, settings: (l: Language) => View, waiting: (l: Language) => View, received: (l: Language) => View }) => Record<string, (page: Page, open: Open) => Promise<void>>} */
export const recordStories = ({ frame, question, settings, waiting, received }) => ({
  async 'nothing goes to the record before the patient is confirmed, and the keyboard is enough'(page, open) {
    await open(page, 'question.html', [frame('nl', { waiting: 1 }), question('nl')]);
    await toPatient(page);
    assert.equal(await focused(page), 'filing-name');
    assert.deepEqual(await asked(page, 'choose'), [], 'a first Enter asks for the patient');
    await page.keyboard.press('Enter');
    assert.equal((await asked(page, 'choose'))[0].filing.confirmed, false, 'the engine says what is missing');
    const sentence = 'Kijk of dit de juiste patiënt is, en zet dan het vinkje.';
    await tell(page, { view: 'filing_faults', id: ID, faults: [{ field: 'confirmed', sentence }] });
    await page.locator('#filing-confirmed-fault').waitFor();
    assert.equal(await focused(page), 'filing-confirmed');
    assert.equal(await page.locator('#filing-confirmed').getAttribute('aria-describedby'), 'filing-confirmed-fault');
    await page.keyboard.press('Space');
    await page.keyboard.press('Enter');
    const [, second] = await asked(page, 'choose');
    assert.deepEqual(second.filing, { ...form, confirmed: true });
    assert.equal(second.way, 'secure_and_dossier');
  },

  async 'two fields beside each other stand at one height, whichever of them has a fault'(page, open) {
    await page.setViewportSize({ width: 920, height: 760 });
    await open(page, 'question.html', [frame('nl', { waiting: 1 }), question('nl')]);
    await toPatient(page);
    const tops = () => page.locator('.pair').evaluateAll((pairs) => pairs.map((pair) =>
      [...pair.querySelectorAll('input, select')].map((one) => Math.round(one.getBoundingClientRect().top))));
    const both = /** @type {any} */ (faults('nl')).faults;
    for (const some of [[], [both[0]], [both[1]], both]) {
      await tell(page, { view: 'filing_faults', id: ID, faults: some });
      await page.waitForFunction((count) => document.querySelectorAll('.pair .tone.bad').length === count, some.length);
      for (const [left, right] of await tops()) assert.equal(left, right, `${some.length} faults`);
    }
    await page.setViewportSize({ width: 720, height: 640 });
  },

  async 'whoever corrects the patient confirms anew'(page, open) {
    await open(page, 'question.html', [frame('nl', { waiting: 1 }), question('nl')]);
    await toPatient(page);
    await page.locator('#filing-confirmed').check();
    assert.match(await page.locator('.sure').innerText(), /P\. Jansen, geboren 12-03-1956, BSN 123456782/);
    await page.locator('#filing-bsn').fill('111222333');
    assert.equal(await page.locator('#filing-confirmed').isChecked(), false);
    assert.match(await page.locator('.sure').innerText(), /BSN 111222333/);
    await page.locator('#filing-kind').selectOption('result');
    await page.locator('#filing-confirmed').check();
    await page.locator('#filing-author').fill('A. Bakker');
    assert.equal(await page.locator('#filing-confirmed').isChecked(), true, 'the author is not the patient');
    await page.keyboard.press('Enter');
    const { filing: posted } = (await asked(page, 'choose'))[0];
    assert.deepEqual([posted.bsn, posted.kind, posted.author, posted.confirmed], ['111222333', 'result', 'A. Bakker', true]);
  },

  async 'faults stand at their fields, and the focus goes to the first'(page, open) {
    await open(page, 'question.html', [frame('nl', { waiting: 1 }), question('nl')]);
    await toPatient(page);
    await page.locator('#filing-confirmed').check();
    await page.keyboard.press('Enter');
    await tell(page, faults('nl'));
    await page.locator('#filing-bsn-fault').waitFor();
    assert.equal(await focused(page), 'filing-birth_date');
    assert.match(await page.locator('#filing-bsn-fault').innerText(), /elfproef/);
    assert.equal(await page.locator('#primary').getAttribute('aria-disabled'), 'false', 'it can be asked again');
  },

  async 'Escape goes back to the answers and chooses nothing'(page, open) {
    await open(page, 'question.html', [frame('nl', { waiting: 1 }), question('nl')]);
    await toPatient(page);
    await page.keyboard.press('Escape');
    await page.locator('input[name=way]').first().waitFor();
    assert.deepEqual(await asked(page, 'choose'), []);
    assert.deepEqual(await asked(page, 'snooze'), []);
  },

  async 'a refused filing is corrected and offered again'(page, open) {
    const list = /** @type {Extract<View, { view: 'waiting' }>} */ (waiting('nl'));
    const [item] = list.items;
    await open(page, 'index.html#waiting', [frame('nl'), { view: 'waiting', items: [{ .../** @type {any} */ (item), filing: filing('nl').refused }] }]);
    assert.match(await page.locator('[data-filing=refused]').innerText(), /Niet in het dossier opgenomen\s+Het dossiersysteem kent deze patiënt meer dan eens/);
    await page.locator('#offer-A1').click();
    assert.deepEqual(await asked(page, 'filing_of'), [{ ask: 'filing_of', id: 'A1' }]);
    await tell(page, { view: 'filing_of', id: 'A1', proposed });
    await page.locator('#filing-name').waitFor();
    await page.locator('#filing-name').fill('Piet Jansen');
    await page.locator('#filing-confirmed').check();
    await page.keyboard.press('Enter');
    assert.deepEqual((await asked(page, 'file'))[0].filing, { ...form, name: 'Piet Jansen', confirmed: true });
    await tell(page, { view: 'filing_asked', id: 'A1' });
    await page.locator('.notice.good').waitFor();
    assert.equal(await page.locator('#filing-name').count(), 0);
    assert.equal(await focused(page), 'offer-A1');
  },

  async 'a mail that came in is offered under a confirmed patient'(page, open) {
    const list = /** @type {Extract<View, { view: 'received' }>} */ (received('nl'));
    await open(page, 'index.html#received', [frame('nl'), settings('nl'), list]);
    assert.equal(await page.locator('[id^=offer-]').count(), 1, 'only what is kept can be offered');
    await page.locator(`#offer-${COPY}`).click();
    assert.deepEqual(await asked(page, 'filing_of'), [{ ask: 'filing_of', id: COPY }]);
    await tell(page, { view: 'filing_of', id: COPY, proposed });
    await page.locator('#filing-name').waitFor();
    await page.locator('#filing-confirmed').check();
    await page.keyboard.press('Enter');
    assert.deepEqual(await asked(page, 'file'), [{ ask: 'file', id: COPY, filing: { ...form, confirmed: true } }]);
    await tell(page, { view: 'filing_asked', id: COPY });
    await tell(page, { ...list, items: list.items.map((one) => (one.copy ? { ...one, filing: filing('nl').due } : one)) });
    await page.locator('[data-filing=due]').waitFor();
    assert.equal(await page.locator('[id^=offer-]').count(), 0, 'it is offered once');
  },

  async 'a record system that is gone is told at its field'(page, open) {
    await open(page, 'index.html#received', [frame('nl'), settings('nl'), received('nl')]);
    await page.locator(`#offer-${COPY}`).click();
    await tell(page, { view: 'filing_of', id: COPY, proposed });
    await page.locator('#filing-confirmed').check();
    await page.keyboard.press('Enter');
    await tell(page, { view: 'filing_faults', id: COPY, faults: [{ field: 'destination', sentence: 'Dit dossier staat niet meer in de instellingen. Kies een ander.' }] });
    await page.locator('#filing-destination-fault').waitFor();
    assert.equal(await focused(page), 'filing-destination');
  },

  async 'an offer that waits is stopped after a second press, which says what that means'(page, open) {
    for (const state of /** @type {const} */ (['again', 'refused'])) {
      await open(page, 'index.html#waiting', [frame('nl'), { view: 'waiting', items: [cameIn('nl', state)] }]);
      await page.locator(`#stop-${COPY}`).click();
      assert.equal(await focused(page), `go-on-${COPY}`, 'Enter alone stops nothing');
      const told = await page.locator(`#stop-sure-${COPY}`).innerText();
      assert.match(told, state === 'again' ? /kan hem al hebben/ : /komt dan niet in het dossier/);
      await page.keyboard.press('Enter');
      assert.deepEqual(await asked(page, 'stop_filing'), []);
      await page.locator(`#stop-${COPY}`).click();
      await page.locator(`#stop-yes-${COPY}`).click();
      assert.deepEqual(await asked(page, 'stop_filing'), [{ ask: 'stop_filing', id: COPY }]);
      await tell(page, { view: 'trouble', ask: 'stop_filing', sentence: 'Dat kan nu niet.' });
      await page.locator('.notice.bad').waitFor();
    }
  },

  async 'whoever withdraws a mail is told that the record does not get it either'(page, open) {
    const list = /** @type {Extract<View, { view: 'waiting' }>} */ (waiting('nl'));
    const items = [{ .../** @type {any} */ (list.items[1]), filing: filing('nl').later }];
    await open(page, 'index.html#waiting', [frame('nl'), { view: 'waiting', items }]);
    assert.match(await page.locator('[data-filing=after_sending]').innerText(), /zodra het versturen klaar is/);
    await page.locator('#withdraw-A2').click();
    assert.match(await page.locator('#sure-A2').innerText(), /ook niet naar het dossier/);
  },

  async 'a record system is set up, kept and tried, and the page forgets its token'(page, open) {
    await open(page, 'index.html#settings', [frame('nl'), settings('nl')]);
    await openRecords(page, 1);
    await page.locator('#destination-add-1').click();
    assert.equal(await focused(page), 'destination-name-1-');
    await page.keyboard.press('Enter');
    assert.match(await page.locator('#destination-missing-1-').innerText(), /naam/);
    await page.locator('#destination-name-1-').fill('HIS');
    await page.locator('#destination-kind-1-').selectOption('fhir');
    await page.locator('#destination-place-1-').fill('https://his.example/fhir');
    await page.locator('#destination-secret-1-').fill('t0ken');
    await page.locator('#destination-save-1-').click();
    const request = { ask: 'keep_destination', address: SECOND, before: null, name: 'HIS', kind: 'fhir', place: 'https://his.example/fhir', certificate: false, sender: '', receiver: '', secret: 't0ken', file: null };
    assert.deepEqual(await asked(page, 'keep_destination'), [request]);
    const view = /** @type {any} */ (settings('nl'));
    const accounts = view.accounts.map((/** @type {any} */ one, /** @type {number} */ at) => (at === 1 ? { ...one, destinations: [{ ...destinations[0], name: 'HIS' }] } : one));
    await tell(page, { ...view, accounts });
    await tell(page, { view: 'destination_kept', address: SECOND, name: 'HIS' });
    await page.locator('#destination-try-1-HIS').waitFor();
    assert.deepEqual(await asked(page, 'try_destination'), [{ ask: 'try_destination', address: SECOND, name: 'HIS' }]);
    await tell(page, { view: 'destination_tried', address: SECOND, name: 'HIS', works: false, sentence: 'De dienst is er, maar laat ons niet toe; geef het token opnieuw.' });
    assert.match(await page.locator('#destination-tried-1-HIS').innerText(), /laat ons niet toe/);
    await page.locator('#destination-change-1-HIS').click();
    assert.equal(await page.locator('#destination-secret-1-HIS').inputValue(), '');
  },

  async 'a record system is removed only after a second press'(page, open) {
    await open(page, 'index.html#settings', [frame('nl'), settings('nl')]);
    await openRecords(page, 0);
    await page.locator('[data-destination="Postmap"] button', { hasText: 'Verwijderen' }).click();
    assert.deepEqual(await asked(page, 'remove_destination'), []);
    await page.locator('[data-destination="Postmap"] button', { hasText: 'Ja, verwijderen' }).click();
    assert.deepEqual(await asked(page, 'remove_destination'), [{ ask: 'remove_destination', address: FIRST, name: 'Postmap' }]);
  },
});
