// @ts-check
// What is kept, as the engine tells it; the archive's screens and the recovery words in all their states.
import { frame, say, settings } from './fixtures.mjs';
import { filing } from './record.mjs';

/** @typedef {import('../../src/contract').Language} Language */
/** @typedef {import('../../src/contract').View} View */
/** @typedef {import('playwright-core').Page} Page */

/** @type {(page: Page, view: unknown) => Promise<void>} */
const tell = (page, view) => page.evaluate((one) => /** @type {any} */ (window).__view(one), view);

const ACCOUNT = 'j.jansen@praktijkdelinde.nl';
export const FOLDER = '/home/jansen/Documenten';
export const FIRST = '01JDKQ8Z3F7G0000000000000A';

/** @type {(l: Language) => any[]} */
export const items = (l) => [
  { id: FIRST, message: FIRST, account: ACCOUNT, direction: 'sent', people: ['poli.neurologie@ziekenhuis.nl'], subject: say(l, 'Verwijzing dhr. Jansen', 'Referral Mr Jansen'), at: '2026-11-26T08:12:00Z', files: 2 },
  { id: `${FIRST}-2`, message: FIRST, account: ACCOUNT, direction: 'sent', people: ['balie@apotheekhetplein.nl', 'a@b.nl', 'c@d.nl'], subject: '', at: '2026-11-25T15:40:00Z', files: 0 },
  { id: '01JDKQ8Z3F7G0000000000000B', message: '01JDKQ8Z3F7G0000000000000B', account: ACCOUNT, direction: 'received', people: ['triage@spoedeisendehulp-van-een-ziekenhuis-met-een-lange-naam.example'], subject: say(l, 'Ontslagbrief na opname op de afdeling interne geneeskunde, met medicatieoverzicht en vervolgafspraken', 'Discharge letter after a stay at internal medicine, with a list of medicines and appointments'), at: '2026-10-02T10:00:00Z', files: 1 },
];

/** @type {(l: Language, more?: object) => any} */
export const found = (l, more) => ({ view: 'archive', number: 1, more: false, items: items(l), next: null, narrowed: false, ...more });

/** @type {(l: Language, more?: object) => any} */
export const copy = (l, more) => ({
  view: 'archive_copy',
  item: items(l)[0],
  from: `J. Jansen <${ACCOUNT}>`,
  to: ['poli.neurologie@ziekenhuis.nl'],
  text: say(l, 'Beste collega,\n\nGraag uw oordeel over dhr. P. Jansen, bekend met CVA.\n<b>Let op:</b> allergie voor penicilline.\n\nMet vriendelijke groet,\nJ. Jansen', 'Dear colleague,\n\nPlease see Mr P. Jansen, known with CVA.\n<b>Mind:</b> allergic to penicillin.\n\nKind regards,\nJ. Jansen'),
  cut: false,
  files: [{ name: 'verwijsbrief.docx', size: 24_300 }, { name: '', size: 812 }],
  signature: { word: 'pass', headline: say(l, 'Geldig ondertekend (CAdES).', 'Validly signed (CAdES).'), reasons: [say(l, 'Of het certificaat is ingetrokken, is niet bekend.', 'Whether the certificate was revoked is not known.')], signers: [{ name: say(l, 'Ondertekenaar', 'Signer'), value: `CN=J. Jansen, ${ACCOUNT}, ${say(l, 'is de afzender', 'is the sender')}; ECDSA P-256, SHA-256` }] },
  proof: [[{ name: say(l, 'Aan', 'To'), value: 'poli.neurologie@ziekenhuis.nl' }, { name: say(l, 'Weg', 'Way'), value: say(l, 'Rechtstreeks bij de mailserver van de ontvanger', 'Straight to the recipient’s mail host') }, { name: say(l, 'Bewijs', 'Proof'), value: 'DANE, TLS 1.3, mx1.ziekenhuis.nl' }]],
  ...more,
});

/** @type {(more?: object) => any} */
export const saved = (more) => ({ view: 'archive_saved', folder: FOLDER, files: ['2026-11-26 Verwijzing dhr. Jansen.pdf'], copies: 1, plainer: 0, lacking: [], lacks: 0, end: { how: 'whole' }, ...more });

/** Copies of which not all could be saved. @type {(l: 'nl' | 'en') => any[]} */
export const lacking = (l) => [
  { id: '01JDKQ8Z3F7G0000000000000C', name: '2026-11-20 Uitslag mw. De Boer', there: 'message', why: say(l, 'De PDF kan niet worden gemaakt (it took too long); bewaar het bericht als .eml.', 'the PDF cannot be made (it took too long); keep the message as .eml instead') },
  { id: '01JDKQ8Z3F7G0000000000000D', name: '2024-02-01 Verslag', there: 'nothing', why: say(l, 'Het bestand van dit bericht is beschadigd; zet de gegevensmap terug uit een reservekopie.', 'the file of this message is damaged; restore the data folder from a backup') },
];

/** @type {(more?: object) => any} */
export const leaving = (more) => ({
  view: 'leaving', at: '2026-11-26T09:42:00Z', agreed: 0, going: [],
  items: [{ account: ACCOUNT, copies: 214, from: '2004-03-01T10:00:00Z', to: '2006-11-25T10:00:00Z' }, { account: 'assistente@praktijkdelinde.nl', copies: 1, from: '2006-01-02T10:00:00Z', to: '2006-01-02T10:00:00Z' }],
  ...more,
});

/** What was let go, and goes later. */
export const going = () => [{ account: ACCOUNT, copies: 215, first: '2026-12-26T09:42:00Z' }];

export const WORDS = 'anchor apple basket bridge candle castle desert dragon engine feather garden hammer island jacket kitchen ladder magnet needle'.split(' ');

/** @type {(page: Page, l: Language) => Promise<void>} */
export const openFirst = async (page, l) => {
  await tell(page, found(l));
  await page.locator(`[id="open-${FIRST}"]`).click();
  await tell(page, copy(l));
  await page.locator('#save').waitFor();
};

/** Presses on the first line and moves so far. @type {(page: Page, far: number, button?: 'left' | 'right') => Promise<void>} */
export const dragFirst = async (page, far, button = 'left') => {
  const box = await page.locator(`[id="open-${FIRST}"]`).boundingBox();
  const [x, y] = [(box?.x ?? 0) + 40, (box?.y ?? 0) + 20];
  await page.mouse.move(x, y);
  await page.mouse.down({ button });
  await page.mouse.move(x + far, y, { steps: 4 });
};

/** @type {(name: string, act: (page: Page, l: Language) => Promise<void>, around?: object, hash?: string) => any} */
const archive = (name, act, around, hash = 'archive') => ({
  name: `${hash}${name}`,
  page: `index.html#${hash}`,
  views: (/** @type {Language} */ l) => [frame(l, around), { view: 'save_folder', folder: FOLDER }],
  act,
});
/** @type {(name: string, act: (page: Page, l: Language) => Promise<void>) => any} */
const opened = (name, act) => archive(`-copy${name}`, async (page, l) => { await openFirst(page, l); await act(page, l); });
/** @type {(state: 'later' | 'again' | 'refused', act: (page: Page) => Promise<void>) => any} */
const filedFirst = (state, act) => opened(`-record-${state}`, async (page, l) => {
  await tell(page, settings(l));
  await tell(page, { view: 'filing_stands', id: FIRST, filing: filing(l)[state] });
  await act(page);
});
/** @type {(name: string, act: (page: Page, l: Language) => Promise<void>) => any} */
const everything = (name, act) => archive(`-everything${name}`, async (page, l) => {
  await tell(page, found(l));
  await page.locator('#everything').click();
  await tell(page, { view: 'save_folder', folder: FOLDER });
  await page.locator('#save-now').click();
  await act(page, l);
});
/** @type {(name: string, act: (page: Page, l: Language) => Promise<void>, made?: boolean, checked?: boolean) => any} */
const recovery = (name, act, made = false, checked = made) => archive(name, async (page, l) => {
  await tell(page, { view: 'recovery', made, checked, words: [] });
  await act(page, l);
}, {}, 'recovery');
/** @type {(page: Page) => Promise<void>} */
export const showWords = async (page) => {
  await page.locator('#recovery-make').click();
  await tell(page, { view: 'recovery', made: false, checked: false, words: WORDS });
  await page.locator('#recovery-written').waitFor();
};

export const ARCHIVE = [
  archive('-loading', async () => {}),
  archive('', async (page, l) => { await tell(page, found(l, { next: 7 })); await page.locator('#more').waitFor(); }, { accounts: [ACCOUNT, 'assistente@praktijkdelinde.nl'] }),
  archive('-empty', async (page, l) => { await tell(page, found(l, { items: [] })); await page.locator('h2').first().waitFor(); }),
  archive('-none', async (page, l) => {
    await tell(page, found(l));
    await page.locator('#words').fill('galblaas');
    await page.keyboard.press('Enter');
    await page.locator('#period').selectOption('own');
    const number = await page.evaluate(() => /** @type {any} */ (window).__posted.filter((/** @type {any} */ one) => one.ask === 'archive').at(-1).number);
    await tell(page, found(l, { number, items: [], narrowed: true }));
    await page.locator('#clear').waitFor();
  }),
  archive('-no-day', async (page, l) => {
    await tell(page, found(l));
    await page.locator('#period').selectOption('own');
    await page.locator('#from').fill('31-02-2026');
    await page.locator('#from[aria-invalid=true]').waitFor();
  }),
  archive('-trouble', async (page, l) => {
    await tell(page, { view: 'trouble', ask: 'archive', sentence: say(l, 'De sleutelbos is vergrendeld. Ontgrendel hem en probeer het opnieuw.', 'the keyring is locked; unlock it and try again') });
    await page.locator('[role=alert] p').waitFor();
  }),
  ...(/** @type {const} */ (['making', 'dropped', 'nowhere', 'too_early'])).map((stands) => archive(`-drag-${stands}`, async (page, l) => {
    await tell(page, found(l));
    await dragFirst(page, 40);
    if (stands !== 'making') await tell(page, { view: 'dragged', end: stands });
    await page.locator(`#drag-said[data-stands=${stands}]`).waitFor();
  })),
  archive('-drag-trouble', async (page, l) => {
    await tell(page, found(l));
    await dragFirst(page, 40);
    await tell(page, { view: 'trouble', ask: 'drag_copy', sentence: say(l, 'Dit bericht is te groot om snel te slepen. Open het en kies ‘Bewaar als…’.', 'This message is too large to be dragged quickly. Open it and choose ‘Save as…’.') });
    await page.locator('#drag-trouble').waitFor();
  }),
  archive('-leaving', async (page, l) => { await tell(page, found(l)); await tell(page, leaving()); await page.locator('#let-go').waitFor(); }),
  archive('-leaving-sure', async (page, l) => { await tell(page, found(l)); await tell(page, leaving()); await page.locator('#let-go').click(); }),
  archive('-leaving-agreed', async (page, l) => { await tell(page, found(l)); await tell(page, leaving({ items: [], agreed: 215, going: going() })); await page.locator('#let-go-done').waitFor(); }),
  archive('-deleted', async (page, l) => {
    await openFirst(page, l);
    await page.locator('#remove').click();
    await page.locator('#remove-now').click();
    await tell(page, { view: 'archive_deleted', ids: [FIRST] });
    await page.locator('#deleted').waitFor();
  }),
  everything('-saving', async (page) => { await tell(page, { view: 'archive_saving', done: 120, of: 3400 }); await page.locator('#save-stop').waitFor(); }),
  everything('-saved', async (page, l) => {
    await tell(page, saved({ folder: `${FOLDER}/Zorgzegel-archief 2026-11-26`, files: [], copies: 3398, plainer: 3, lacks: 24, lacking: lacking(l) }));
    await page.locator('#saved:focus').waitFor();
  }),
  everything('-broke', async (page, l) => {
    await tell(page, saved({ files: [], copies: 120, end: { how: 'broke', why: say(l, '/media/stick/archief.csv is niet geschreven: de schijf is vol. Maak ruimte, of kies een andere map (No space left on device).', '/media/stick/archief.csv was not written: the disk is full; make room, or choose another folder (No space left on device)') } }));
    await page.locator('#saved:focus').waitFor();
  }),
  everything('-stopped', async (page) => { await tell(page, saved({ files: [], copies: 120, end: { how: 'stopped' } })); await page.locator('#saved:focus').waitFor(); }),
  opened('', async (page) => { await page.locator('[data-proof] summary').click(); await page.locator('.notice summary').click(); }),
  ...(/** @type {const} */ (['later', 'again', 'refused'])).map((state) => filedFirst(state, async (page) => { await page.locator('[data-filing]').waitFor(); })),
  opened('-broken', async (page, l) => {
    await tell(page, copy(l, { signature: { word: 'fail', headline: say(l, 'De handtekening klopt niet.', 'The signature does not hold.'), reasons: [say(l, 'De inhoud is veranderd nadat hij was ondertekend.', 'The content was changed after it was signed.')], signers: [] }, proof: [], cut: true, files: [] }));
    await page.locator('[data-word=fail]').waitFor();
  }),
  opened('-no-text', async (page, l) => {
    await tell(page, copy(l, { text: '', proof: [], signature: { word: 'none', headline: say(l, 'Niet ondertekend.', 'Not signed.'), reasons: [], signers: [] } }));
    await page.locator('[data-word=none]').waitFor();
  }),
  archive('-copy-gone', async (page, l) => {
    await tell(page, found(l));
    await page.locator(`[id="open-${FIRST}"]`).click();
    await tell(page, { view: 'trouble', ask: 'open_copy', sentence: say(l, 'Deze kopie staat niet meer in het archief; bekijk de lijst opnieuw.', 'this copy is no longer in the archive; look at the list again') });
    await page.locator('[role=alert] p').waitFor();
  }),
  opened('-save', async (page) => { await page.locator('#save').click(); await page.locator('#form-pdf:focus').waitFor(); }),
  opened('-save-missing', async (page) => { await page.locator('#save').click(); await page.locator('#form-pdf').uncheck(); await page.locator('#save-now').click(); await page.locator('#form-missing').waitFor(); }),
  opened('-save-no-folder', async (page) => { await page.locator('#save').click(); await page.locator('#folder').fill(' '); await page.locator('#save-now').click(); await page.locator('#folder-missing').waitFor(); }),
  opened('-saving', async (page) => { await page.locator('#save').click(); await tell(page, { view: 'save_folder', folder: FOLDER }); await page.locator('#save-now').click(); await page.locator('progress').waitFor(); }),
  opened('-saved', async (page) => { await page.locator('#save').click(); await tell(page, { view: 'save_folder', folder: FOLDER }); await page.locator('#save-now').click(); await tell(page, saved({ plainer: 1 })); await page.locator('#saved:focus').waitFor(); }),
  opened('-save-trouble', async (page, l) => {
    await page.locator('#save').click();
    await tell(page, { view: 'save_folder', folder: FOLDER });
    await page.locator('#save-now').click();
    await tell(page, { view: 'trouble', ask: 'save_copies', sentence: say(l, '/media/stick/brief.pdf is niet geschreven: de schijf is vol. Maak ruimte, of kies een andere map (No space left on device).', '/media/stick/brief.pdf was not written: the disk is full; make room, or choose another folder (No space left on device)') });
    await page.locator('#save-trouble').waitFor();
  }),
  opened('-remove', async (page) => { await page.locator('#remove').click(); await page.locator('#remove-keep:focus').waitFor(); }),
  opened('-remove-trouble', async (page, l) => {
    await page.locator('#remove').click();
    await page.locator('#remove-now').click();
    await tell(page, { view: 'trouble', ask: 'delete_copies', sentence: say(l, 'De schijf is vol; maak ruimte en probeer het opnieuw.', 'The disk is full; make room and try again.') });
    await page.locator('dialog [role=alert] p').waitFor();
  }),
  recovery('', async (page) => { await page.locator('#recovery-make').waitFor(); }),
  recovery('-again', async (page) => { await page.locator('#recovery-make').waitFor(); }, true),
  recovery('-unchecked', async (page) => { await page.locator('#recovery-unchecked').waitFor(); }, true, false),
  recovery('-words', async (page) => { await showWords(page); }),
  recovery('-check', async (page) => {
    await showWords(page);
    await page.locator('#recovery-written').click();
    await page.locator('#recovery-ready').click();
    await page.locator('#recovery-wrong').waitFor();
  }),
  recovery('-done', async (page) => {
    await showWords(page);
    await page.locator('#recovery-written').click();
    await typeWords(page);
    await page.locator('#recovery-ready').click();
    await page.locator('#recovery-done').waitFor();
  }),
  recovery('-trouble', async (page, l) => {
    await page.locator('#recovery-make').click();
    await tell(page, { view: 'trouble', ask: 'recovery', sentence: say(l, 'De sleutelbos is vergrendeld. Ontgrendel hem en probeer het opnieuw.', 'the keyring is locked; unlock it and try again') });
    await page.locator('[role=alert] p').waitFor();
  }),
];

/** Types back the words that are asked for. @type {(page: Page) => Promise<void>} */
export async function typeWords(page) {
  for (const n of [0, 1]) {
    const label = await page.locator(`label[for=word-${n}]`).innerText();
    const at = Number(/\d+/.exec(label)?.[0]) - 1;
    await page.locator(`#word-${n}`).fill(` ${WORDS[at]?.toUpperCase()} `);
  }
}
