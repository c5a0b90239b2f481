// @ts-check
// Every screen and state: its page, what the engine tells at `hello`, and what a person does.
import { ARCHIVE } from './archived.mjs';
import { domain } from './domains.mjs';
import { cameIn, COPY, faults, filing, nobody, openRecords, proposed, toPatient } from './record.mjs';
import { VERIFIED, cards, identities, identity, received, verified } from './signing.mjs';
import { access, checkup, frame, harmless, marked, passages, question, recipients, say, sent, settings, taught, trial, twice, waiting } from './fixtures.mjs';
import { SETUP } from './setting_up.mjs';

/** @typedef {import('../../src/contract').Language} Language */
/** @typedef {import('../../src/contract').View} View */
/** @typedef {import('playwright-core').Page} Page */
/** @typedef {{ name: string, page: string, views: (l: Language) => View[], act?: (page: Page, l: Language) => Promise<void>, guarded?: boolean }} Screen */

/** @type {(page: Page, view: View) => Promise<void>} */
const tell = (page, view) => page.evaluate((one) => /** @type {any} */ (window).__view(one), view);
/** @type {(page: Page) => Promise<void>} */
const settle = (page) => page.locator('#primary[aria-disabled=false]').waitFor();
/** @type {(page: Page, way: string) => Promise<void>} */
const pick = async (page, way) => {
  await settle(page);
  await page.locator(`input[name=way][value=${way}]`).check();
};

/** @type {(name: string, more: (l: Language) => object, act?: Screen['act'], around?: object) => Screen} */
const ask = (name, more, act, around = { waiting: 1 }) => ({
  name: `question-${name}`,
  page: 'question.html',
  views: (l) => [frame(l, around), question(l, more(l))],
  act: act ?? settle,
});

/** @type {(l: Language, states: Partial<import('../../src/contract').Recipient>[]) => object[]} */
const going = (l, states) => {
  const r = recipients(l);
  return [r.dane, r.noWay, r.pkix].slice(0, states.length).map((one, index) => ({ ...one, ...states[index] }));
};

/** @type {Screen[]} */
const QUESTION = [
  { name: 'question-loading', page: 'question.html', views: () => [] },
  {
    ...ask('guarded', () => ({}), async (page) => {
      await page.evaluate(() => setInterval(() => window.dispatchEvent(new Event('focus')), 4));
      await page.locator('#primary[aria-disabled=true]').waitFor();
    }),
    guarded: true,
  },
  ask('safe', () => ({})),
  ask('looking-up', (l) => ({ recipients: [recipients(l).unknown], looking_up: true })),
  ask('mixed', (l) => ({ number: 1, of: 3, left: 2, recipients: [recipients(l).dane, recipients(l).noWay, recipients(l).gateway] }), undefined, { waiting: 3 }),
  ask('all-kinds', (l) => ({ number: 2, of: 3, left: 2, recipients: Object.values(recipients(l)).slice(0, 8), dossier: null }), undefined, { waiting: 3 }),
  ask('no-way', (l) => ({ recipients: [recipients(l).noWay], dossier: null })),
  ask('refused', (l) => ({ recipients: [recipients(l).refused, recipients(l).later] })),
  ask('seen-safe', () => ({}), async (page) => { await settle(page); await page.locator('[data-address] summary').click(); }),
  ask('seen-all', (l) => ({ recipients: Object.values(recipients(l)).slice(0, 8) }), async (page) => {
    await settle(page);
    for (const one of await page.locator('[data-address] summary').all()) await one.click();
  }),
  ask('files', (l) => ({
    passages: [], opening: say(l, 'Beste collega, hierbij de brief van gisteren. Met vriendelijke groet, J. Jansen', 'Dear colleague, here is the letter of yesterday. Kind regards, J. Jansen'),
    why: 'cannot_look_inside', level: 'none', files: ['brief-jansen.pdf', 'agenda.ics'],
    unread: [{ name: 'brief-jansen.pdf', reason: say(l, 'Het bestand is beveiligd met een wachtwoord.', 'The file is protected by a password.') }],
  })),
  ask('attachment', (l) => ({
    files: ['verwijsbrief.docx'],
    passages: [
      { place: 'subject', name: null, cut_before: false, cut_after: false, runs: [{ text: 'Verwijzing ', mark: null }, marked('medical', 'epilepsie', say(l, 'medische term', 'medical term'))] },
      { place: 'attachment', name: 'verwijsbrief.docx', cut_before: true, cut_after: true, runs: [{ text: 'wonende te ', mark: null }, marked('address', 'Dorpsstraat 12a', say(l, 'adres', 'address')), { text: ', telefoon ', mark: null }, marked('phone', '06-12345678', say(l, 'telefoonnummer', 'phone number')), { text: ', is bekend met <b>status epilepticus</b> & ', mark: null }, marked('medical', 'valproaat', say(l, 'geneesmiddel', 'medicine'))] },
    ],
  })),
  ask('files-by-file', (l) => ({
    files: ['verwijsbrief.docx', 'lijst.xlsx'], unread: [{ name: 'scan.pdf', reason: say(l, 'Het is versleuteld.', 'It is encrypted.') }],
    passages: [
      ...passages(l),
      { place: 'attachment', name: 'verwijsbrief.docx', cut_before: true, cut_after: true, runs: [{ text: 'wonende te ', mark: null }, marked('address', 'Dorpsstraat 12a', say(l, 'adres', 'address')), { text: ', bekend met ', mark: null }, marked('medical', 'valproaat', say(l, 'geneesmiddel', 'medicine'))] },
      { place: 'attachment', name: 'lijst.xlsx', cut_before: false, cut_after: true, runs: [marked('patient_number', '4711023', say(l, 'patiëntnummer', 'patient number'), { firm: true }), { text: '\tcontrole ', mark: null }, marked('medical', 'COPD', say(l, 'medische afkorting', 'medical abbreviation'))] },
    ],
  })),
  ask('possible', (l) => ({ level: 'possible', passages: harmless(l) })),
  ask('dismissed', (l) => ({ passages: passages(l, ['CVA', 'dhr. P. Jansen']) })),
  ask('many', (l) => ({
    passages: [{ place: 'body', name: null, cut_before: false, cut_after: false, runs: [...'abcdefghij'].flatMap((one) => [{ text: ' en ', mark: null }, marked('medical', `klacht ${one}`, say(l, 'klacht', 'complaint'))]) }],
  }), async (page) => { await settle(page); await page.locator('details summary').first().click(); }),
  ask('more-places', () => ({ more: 217 })),
  ask('settled', (l) => ({ settled: true, level: 'none', passages: harmless(l, true) })),
  ask('settled-plain', (l) => ({ settled: true, level: 'none', passages: harmless(l, true), recipients: [recipients(l).noWay] }), (page) => pick(page, 'plain')),
  ask('dismiss-trouble', (l) => ({ level: 'possible', passages: harmless(l) }), async (page, l) => {
    await settle(page);
    await page.locator('[data-finding=medical] button').click();
    await tell(page, { view: 'trouble', ask: 'dismiss', sentence: say(l, 'De schijf is vol; maak ruimte en probeer het opnieuw.', 'The disk is full; make room and try again.') });
    await page.locator('[role=alert] p').waitFor();
  }),
  { name: 'question-twice', page: 'question.html', views: (l) => [frame(l, { waiting: 1 }), twice(l).question], act: settle },
  ask('from-nta', () => ({ why: 'goes_on_from_nta', level: 'none', passages: [], opening: 'Dank voor uw bericht. Ik zie de patiënt donderdag.', subject: 'Re: Verwijzing neurologie' })),
  ask('cannot-judge', () => ({ why: 'cannot_judge', level: 'none', passages: [], opening: '', subject: '' })),
  ask('ordinary', () => ({}), (page) => pick(page, 'ordinary')),
  ask('ordinary-no-reason', () => ({}), async (page) => { await pick(page, 'ordinary'); await page.locator('#primary').click(); }),
  ask('ordinary-own-reason', () => ({}), async (page, l) => {
    await pick(page, 'ordinary');
    await page.locator('#reason').selectOption('other');
    await page.locator('#own').fill(say(l, 'Gebeld met de ontvanger', 'Called the recipient'));
  }),
  ask('confirm', (l) => ({ recipients: [recipients(l).noWay, recipients(l).dane] }), async (page) => {
    await pick(page, 'ordinary');
    await page.locator('#reason').selectOption({ index: 1 });
    await page.locator('#primary').click();
    await page.locator('#confirm-ordinary').waitFor();
  }),
  ask('confirm-also', (l) => ({ recipients: [recipients(l).noWay, recipients(l).dane, recipients(l).pkix] }), async (page) => {
    await pick(page, 'ordinary');
    await page.locator('#reason').selectOption({ index: 1 });
    await page.locator('#primary').click();
    await page.locator('#also').check();
  }),
  ask('confirm-all-safe', () => ({}), async (page) => {
    await pick(page, 'ordinary');
    await page.locator('#reason').selectOption({ index: 1 });
    await page.locator('#primary').click();
    await page.locator('#confirm-safe').waitFor();
  }),
  ask('confirm-looking-up', (l) => ({ recipients: [recipients(l).noWay, recipients(l).unknown], looking_up: true }), async (page) => {
    await pick(page, 'ordinary');
    await page.locator('#reason').selectOption({ index: 1 });
    await page.locator('#primary').click();
    await page.locator('#confirm-safe').waitFor();
  }),
  ask('withdraw', () => ({}), (page) => pick(page, 'withdraw')),
  ask('dossier', () => ({}), (page) => pick(page, 'secure_and_dossier')),
  ask('patient', () => ({}), toPatient),
  ask('patient-none', () => ({ dossier: nobody }), toPatient),
  ask('patient-several', () => ({ dossier: { ...proposed, several: true } }), toPatient),
  ask('patient-faults', () => ({}), async (page, l) => {
    await toPatient(page);
    await page.keyboard.press('Enter');
    await tell(page, faults(l));
    await page.locator('#filing-bsn-fault').waitFor();
  }),
  ask('patient-confirmed', () => ({}), async (page) => { await toPatient(page); await page.locator('#filing-confirmed').check(); }),
  ...(/** @type {const} */ (['later', 'due', 'again', 'filed', 'refused', 'stopped'])).map((state) => ask(`filing-${state}`, (l) => ({ stage: 'done', filing: filing(l)[state], recipients: going(l, [{ state: 'sent' }]) }), async () => {})),
  ...(/** @type {const} */ (['due', 'filed', 'refused'])).map((state) => ask(`only-filing-${state}`, (l) => ({ stage: 'done', filing: filing(l)[state], recipients: going(l, [{ state: 'withdrawn', sentence: '' }]) }), async () => {})),
  ask('others', (l) => ({ recipients: [recipients(l).dane, recipients(l).noWay] }), async (page, l) => {
    await pick(page, 'ordinary');
    await page.locator('#reason').selectOption({ index: 1 });
    await page.locator('#primary').click();
    await page.locator('#confirm-ordinary').waitFor();
    await tell(page, question(l, { recipients: /** @type {any} */ ([{ ...recipients(l).dane, state: 'sent' }, recipients(l).noWay]) }));
    await settle(page);
  }),
  ask('busy', () => ({}), async (page) => { await settle(page); await page.locator('#primary').click(); }),
  ask('trouble', () => ({}), async (page, l) => {
    await settle(page);
    await page.locator('#primary').click();
    await tell(page, { view: 'trouble', ask: 'choose', sentence: say(l, 'Het dossier nam het bericht niet aan, dus er is niets gekozen: de map is vol.', 'The record did not take the message, so nothing was chosen: the folder is full.') });
    await page.locator('[role=alert] p').waitFor();
  }),
  ask('changed', () => ({ number: 1, of: 2, left: 1 }), async (page, l) => {
    await settle(page);
    await tell(page, question(l, { id: '01JDKQ8Z3F8H', subject: 'Uitslag MRI', recipients: [recipients(l).pkix] }));
    await settle(page);
  }),
  ask('underway', (l) => ({ stage: 'underway', recipients: going(l, [{ state: 'sent' }, { state: 'chosen' }, { state: 'sending' }]) }), async () => {}),
  ask('done-all', (l) => ({ stage: 'done', left: 2, recipients: going(l, [{ state: 'sent' }]) }), async () => {}, { waiting: 2 }),
  ask('done-some', (l) => ({ stage: 'done', recipients: going(l, [{ state: 'sent' }, { state: 'waiting' }, { state: 'chosen', attempts: 1, next_attempt_at: '2026-11-26T10:12:00Z', words: '451 4.7.1 try again later' }]) }), async () => {}),
  ask('done-failed', (l) => ({ stage: 'done', recipients: [{ ...recipients(l).pkix, state: 'failed', words: '550 5.1.1 no such user', attempts: 1 }, { ...recipients(l).ou, state: 'failed', in_doubt: true, attempts: 1, sentence: '' }] }), async () => {}),
  ask('done-doubt', (l) => ({ stage: 'done', recipients: going(l, [{ state: 'withdrawn', in_doubt: true, sentence: '' }, { state: 'withdrawn', sentence: '' }]) }), async () => {}),
  ask('done-withdrawn', (l) => ({ stage: 'done', recipients: going(l, [{ state: 'withdrawn' }]) }), async () => {}),
  ask('nothing', () => ({}), async (page) => { await settle(page); await tell(page, { view: 'nothing_to_ask' }); await page.locator('.nothing').waitFor(); }, { waiting: 0 }),
];

/** @type {(name: string, hash: string, views: (l: Language) => View[], act?: Screen['act'], around?: object) => Screen} */
const main = (name, hash, views, act, around) => ({
  name: `main-${name}`,
  page: `index.html#${hash}`,
  views: (l) => [frame(l, around), ...views(l)],
  act,
});

/** @type {(page: Page, text: string) => Promise<void>} */
const look = async (page, text) => {
  await page.locator('#domain').fill(text);
  await page.keyboard.press('Enter');
};
/** @type {(page: Page, n: number) => Promise<void>} */
const ways = async (page, n) => {
  await page.locator(`#ways-${n} > summary`).click();
  await page.locator(`#use-direct-${n}`).waitFor();
};
/** The form of a gateway where there is none yet. @type {(page: Page, password?: string) => Promise<void>} */
const gateway = async (page, password) => {
  await ways(page, 1);
  await page.locator('#use-gateway-1').click();
  await page.locator('#gateway-host-1').waitFor();
  if (!password) return;
  await page.locator('#gateway-host-1').fill('poort.zorgpost.example');
  await page.locator('#gateway-password-1').fill(password);
};

const MAIL = { name: 'Ontslagbrief.eml', mimeType: 'message/rfc822', buffer: Buffer.from('From: a@b.nl\r\n\r\nx') };
/** Hands files over as a person does who picks them. @type {(page: Page, files: { name: string, mimeType: string, buffer: Buffer }[], ask?: string) => Promise<void>} */
const hand = async (page, files, ask = 'verify') => {
  await page.locator(ask === 'verify' ? '#verify-file' : '#identity-file').setInputFiles(files);
  if (ask === 'verify') await page.waitForFunction(() => /** @type {any} */ (window).__posted.at(-1).ask === 'verify');
};
/** @type {(page: Page, way: string) => Promise<void>} */
const add = async (page, way) => { await page.locator(`input[name=identity-way][value=${way}]`).check(); };

/** The list with the first mail so far. @type {(l: Language, state: 'later' | 'due' | 'again' | 'refused') => View} */
const filed = (l, state) => {
  const list = /** @type {Extract<View, { view: 'waiting' }>} */ (waiting(l));
  return { ...list, items: list.items.map((one, at) => (at === 0 ? { ...one, filing: filing(l)[state] } : one)) };
};

const sentence = 'De instellingen zijn niet te gebruiken: zorgzegel.toml, regel 12: onbekend veld `archief`. Haal die regel weg, of kijk in zorgzegel.example.toml hoe het heet.';
const fault = { trouble: sentence, fault: { sentence, file: 'C:\\Users\\jansen\\AppData\\Roaming\\zorgzegel\\zorgzegel.toml' } };

/** @type {Screen[]} */
const MAIN = [
  main('waiting', 'waiting', (l) => [waiting(l)]),
  ...(/** @type {const} */ (['later', 'due', 'again', 'refused'])).map((state) => main(`waiting-filing-${state}`, 'waiting', (l) => [filed(l, state)])),
  ...(/** @type {const} */ (['again', 'refused'])).map((state) => main(`waiting-filing-came-in-${state}`, 'waiting', (l) => [{ view: 'waiting', items: [cameIn(l, state)] }], (page) => page.locator(`#stop-${COPY}`).click())),
  main('waiting-filing-corrected', 'waiting', (l) => [filed(l, 'refused')], async (page) => {
    await page.locator('#offer-A1').click();
    await tell(page, { view: 'filing_of', id: 'A1', proposed });
    await page.locator('#filing-name').waitFor();
  }),
  main('waiting-withdraw', 'waiting', (l) => [waiting(l)], async (page) => { await page.locator('#withdraw-A1').click(); }),
  main('waiting-trouble', 'waiting', (l) => [waiting(l)], async (page, l) => {
    await page.locator('#withdraw-A1').click();
    await page.locator('.sure .danger').click();
    await tell(page, { view: 'trouble', ask: 'choose', sentence: say(l, 'Deze mail is al onderweg en kan niet meer ingetrokken worden.', 'This mail is on its way already and cannot be withdrawn any more.') });
  }),
  main('waiting-busy', 'waiting', (l) => [waiting(l)], async (page) => {
    await page.locator('[data-id=A2] .button').nth(0).click();
    await page.locator('[data-id=A2] .button').nth(1).click();
  }),
  main('waiting-empty', 'waiting', () => [{ view: 'waiting', items: [] }], undefined, { waiting: 0, failed: 0 }),
  main('fault', 'waiting', (l) => [{ view: 'waiting', items: null }], undefined, {
    accounts: [], waiting: 0, failed: 0,
    ...fault,
  }),
  main('quit-unknown', 'waiting', () => [{ view: 'waiting', items: null }, { view: 'confirm_quit', waiting: null }], undefined, { waiting: 0, failed: 0 }),
  main('trouble', 'waiting', () => [{ view: 'waiting', items: null }], undefined, { waiting: 0, failed: 0, trouble: 'De sleutelbos is op slot, dus Zorgzegel kan niet versturen. Ontgrendel de sleutelbos en probeer het opnieuw.' }),
  main('sent', 'sent', (l) => [sent(l)], async (page) => { await page.locator('details summary').first().click(); }),
  main('domain', 'domain', () => []),
  main('domain-missing', 'domain', () => [], async (page) => { await page.locator('#look').click(); }),
  main('domain-more', 'domain', () => [], async (page) => { await page.locator('details summary').click(); }),
  main('domain-wrong', 'domain', () => [], async (page, l) => {
    await look(page, 'jan at ziekenhuis');
    await tell(page, { view: 'trouble', ask: 'domain', sentence: say(l, '‘jan at ziekenhuis’ is geen maildomein. Schrijf het als ziekenhuis.nl of naam@ziekenhuis.nl.', '“jan at ziekenhuis” is no mail domain. Write it as hospital.example or name@hospital.example.') });
    await page.locator('[role=alert] p').waitFor();
  }),
  main('domain-looking', 'domain', () => [], async (page) => {
    await look(page, 'ziekenhuis.nl');
    await tell(page, { view: 'domain', asked: 'ziekenhuis.nl', report: null });
    await page.locator('progress').waitFor();
  }),
  ...(/** @type {const} */ (['direct', 'other_way', 'refuse', 'later'])).map((verdict) => main(`domain-${verdict}`, 'domain', () => [], async (page, l) => {
    await look(page, 'naam@ziekenhuis.nl');
    await tell(page, domain(l, verdict));
    await page.locator('#verdict:focus').waitFor();
  })),
  main('domain-long', 'domain', () => [], async (page, l) => {
    await look(page, 'naam@lang.example');
    await tell(page, domain(l, 'refuse', true));
    await page.locator('#verdict:focus').waitFor();
  }),
  main('sent-empty', 'sent', () => [{ view: 'sent', items: [] }]),
  main('settings', 'settings', (l) => [settings(l), taught]),
  main('settings-nothing-taught', 'settings', (l) => [settings(l), { view: 'taught', items: [] }]),
  ...(/** @type {const} */ (['none', 'possible', 'certain'])).map((level) => main(`settings-trial-${level}`, 'settings', (l) => [settings(l), taught], async (page, l) => {
    await page.locator('#trial-text').fill(level === 'none' ? 'Lunch morgen om 12 uur?' : 'Graag uw oordeel over dhr. P. Jansen');
    await page.waitForFunction(() => /** @type {any} */ (window).__posted.at(-1)?.ask === 'judge');
    const number = await page.evaluate(() => /** @type {any} */ (window).__posted.at(-1).number);
    await tell(page, trial(l, number, level));
    await page.locator('#verdict p').waitFor();
  })),
  main('settings-own-trouble', 'settings', (l) => [settings(l), taught], async (page, l) => {
    await page.locator('#exempt').fill('*.praktijkdelinde.nl');
    await page.locator('#exempt-save').click();
    await tell(page, { view: 'trouble', ask: 'change', sentence: say(l, '‘*.praktijkdelinde.nl’ is geen domein. Schrijf het als praktijk.nl, zonder sterretje en zonder @; elk subdomein apart.', '“*.praktijkdelinde.nl” is no domain. Write it as practice.example, without an asterisk or @; each subdomain by itself.') });
    await page.locator('[role=alert] p').waitFor();
  }),
  main('settings-servers', 'settings', (l) => [settings(l)], async (page, l) => {
    await page.locator('#servers-0 > summary').click();
    await page.locator('#servers-1 > summary').click();
    await page.locator('#servers-0-password').fill('nieuw');
    await page.locator('#servers-0-save').click();
    await tell(page, { view: 'trouble', ask: 'change_servers', sentence: say(l, 'smtp.provider-example.nl liet ons niet binnen: de server weigert de aanmelding: 535 5.7.8 authentication failed. Kijk naar het wachtwoord, de server en de poort.', 'smtp.provider-example.nl did not let us in: 535 5.7.8 authentication failed; look at the password, the server and the port') });
  }),
  main('settings-remove', 'settings', (l) => [settings(l)], async (page, l) => {
    await page.locator('#remove-0').click();
    await page.locator('#remove-0-do').click();
    await tell(page, { view: 'trouble', ask: 'remove_account', sentence: say(l, 'Er wachten nog 2 mails van j.jansen@praktijkdelinde.nl. Kies daar eerst voor bij Wachtend, en verwijder dan het account.', '2 messages of j.jansen@praktijkdelinde.nl still wait; choose for them first (Waiting), then remove the account') });
  }),
  main('settings-access', 'settings', (l) => [settings(l)], async (page) => {
    await page.locator('#access-0 > summary').click();
    await tell(page, access);
    await page.locator('dl.access').waitFor();
  }),
  main('settings-records', 'settings', (l) => [settings(l)], (page) => openRecords(page, 0)),
  ...(/** @type {const} */ (['folder', 'fhir', 'medvri'])).map((kind) => main(`settings-record-${kind}`, 'settings', (l) => [settings(l)], async (page) => {
    await openRecords(page, 1);
    await page.locator('#destination-add-1').click();
    await page.locator('#destination-kind-1-').selectOption(kind);
    if (kind === 'fhir') await page.locator('#destination-admit-1-').selectOption('true');
  })),
  main('settings-record-missing', 'settings', (l) => [settings(l)], async (page) => {
    await openRecords(page, 1);
    await page.locator('#destination-add-1').click();
    await page.locator('#destination-save-1-').click();
  }),
  main('settings-record-remove', 'settings', (l) => [settings(l)], async (page) => {
    await openRecords(page, 0);
    await page.locator('[data-destination=Postmap] .plain').last().click();
  }),
  ...(/** @type {const} */ ([true, false])).map((works) => main(`settings-record-${works ? 'works' : 'refused'}`, 'settings', (l) => [settings(l)], async (page, l) => {
    await openRecords(page, 0);
    await page.locator('[data-destination="Ons HIS"] button').first().click();
    const sentence = works ? say(l, 'HAPI is bereikt, spreekt FHIR 4.0.1 en neemt transacties aan.', 'HAPI was reached, speaks FHIR 4.0.1 and takes transactions.') : say(l, 'De dienst is er, maar laat ons niet toe; geef het token of het certificaat opnieuw.', 'The service is there, but does not admit us; give the token or the certificate anew.');
    await tell(page, { view: 'destination_tried', address: 'j.jansen@praktijkdelinde.nl', name: 'Ons HIS', works, sentence });
    await page.locator('.result .notice').waitFor();
  })),
  main('settings-ways', 'settings', (l) => [settings(l)], (page) => ways(page, 0)),
  main('settings-ways-none', 'settings', (l) => [settings(l)], (page) => ways(page, 1)),
  main('settings-ways-no-mark', 'settings', (l) => [settings(l)], async (page) => { await ways(page, 1); await page.locator('#use-provider-1').click(); }),
  main('settings-ways-trying', 'settings', (l) => [settings(l)], async (page) => { await ways(page, 0); await page.locator('#try-direct-0').click(); }),
  ...(/** @type {const} */ ([true, false])).map((works) => main(`settings-ways-${works ? 'works' : 'closed'}`, 'settings', (l) => [settings(l)], async (page, l) => {
    await ways(page, 0);
    await page.locator('#try-direct-0').click();
    const sentence = works
      ? say(l, 'Dit werkt: andere mailservers zijn van hier te bereiken, en praktijkdelinde.nl verklaart zelf aan de norm te voldoen.', 'This works: other mail hosts can be reached from here, and praktijkdelinde.nl itself declares to comply.')
      : say(l, 'De mailserver van praktijkdelinde.nl is van hier niet te bereiken. Waarschijnlijk laat uw netwerk of internetprovider dit niet toe (poort 25). Vraag het uw ICT-beheerder, of kies een andere weg.', 'The mail host of praktijkdelinde.nl cannot be reached from here. Probably your network or internet provider does not let this through (port 25). Ask your IT administrator, or choose another way.');
    await tell(page, { view: 'way_tried', address: 'j.jansen@praktijkdelinde.nl', route: 'direct', works, sentence });
    await page.locator('#tried-direct-0').waitFor();
  })),
  main('settings-gateway', 'settings', (l) => [settings(l)], (page) => gateway(page)),
  main('settings-gateway-missing', 'settings', (l) => [settings(l)], async (page) => { await gateway(page); await page.locator('#gateway-save-1').click(); }),
  main('settings-gateway-saving', 'settings', (l) => [settings(l)], async (page) => { await gateway(page, 'geheim'); await page.locator('#gateway-save-1').click(); }),
  main('settings-gateway-refused', 'settings', (l) => [settings(l)], async (page, l) => {
    await gateway(page, 'geheim');
    await page.locator('#gateway-save-1').click();
    await tell(page, { view: 'trouble', ask: 'keep_gateway', sentence: say(l, 'poort.zorgpost.example liet ons niet binnen: 535 5.7.8 authentication failed. Kijk naar het wachtwoord, de server en de poort.', 'poort.zorgpost.example did not let us in: 535 5.7.8 authentication failed; look at the password, the server and the port') });
    await page.locator('[role=alert] p').waitFor();
  }),
  main('settings-gateway-kept', 'settings', (l) => [settings(l)], async (page) => {
    await gateway(page, 'geheim');
    await page.locator('#gateway-save-1').click();
    await tell(page, { view: 'gateway_kept', address: 'assistente@praktijkdelinde.nl' });
    await page.locator('.notice.good').waitFor();
  }),
  main('settings-saving', 'settings', (l) => [settings(l)], async (page) => { await page.locator('#notifications').uncheck(); }),
  main('settings-trouble', 'settings', (l) => [settings(l)], async (page, l) => {
    await page.locator('#start').uncheck();
    await tell(page, { view: 'trouble', ask: 'change', sentence: say(l, 'Het starten met de computer kon niet uitgezet worden: de map is alleen-lezen.', 'Starting with the computer could not be turned off: the folder is read-only.') });
  }),
  main('checkup-running', 'checkup', (l) => [checkup(l, true, 'good')]),
  main('checkup-good', 'checkup', (l) => [checkup(l, false, 'good')]),
  main('checkup-bad', 'checkup', (l) => [checkup(l, false, 'bad')]),
  main('quit', 'waiting', (l) => [waiting(l), { view: 'confirm_quit', waiting: 4 }]),
  main('received', 'received', (l) => [received(l)], async (page) => { await page.locator('details summary').nth(1).click(); }),
  ...(/** @type {const} */ ([null, 'again', 'filed', 'refused', 'stopped'])).map((state) => main(`received-record${state ? `-${state}` : ''}`, 'received', (l) => {
    const list = /** @type {any} */ (received(l));
    return [settings(l), { ...list, items: [{ ...list.items[0], filing: state && filing(l)[state] }] }];
  })),
  main('received-trouble', 'received', (l) => [received(l)], async (page) => { await page.locator('input[value=trouble]').check(); }),
  main('received-no-trouble', 'received', (l) => [{ .../** @type {any} */ (received(l)), items: /** @type {any} */ (received(l)).items.slice(0, 1) }], async (page) => { await page.locator('input[value=trouble]').check(); }),
  main('received-empty', 'received', () => [{ view: 'received', items: [] }]),
  main('verify', 'verify', () => [], async (page) => { await page.locator('details summary').click(); }),
  main('verify-looking', 'verify', () => [], async (page) => { await hand(page, [MAIL]); await tell(page, { view: 'verified', file: null }); await page.locator('progress').waitFor(); }),
  main('verify-too-many', 'verify', () => [], async (page) => { await page.locator('#verify-file').setInputFiles([MAIL, MAIL, MAIL]); await page.locator('#verify-wrong').waitFor(); }),
  main('verify-no-mail', 'verify', () => [], async (page, l) => {
    await hand(page, [{ ...MAIL, name: 'brief.msg' }]);
    await tell(page, { view: 'trouble', ask: 'verify', sentence: say(l, 'Dit is een bestand van Outlook (.msg) of een oud document. Daarin staat een mail niet meer zoals hij is aangekomen. Bewaar de mail als .eml, of sleep hem uit een ander mailprogramma hierheen.', 'this is a file of Outlook (.msg) or an old document, in which a mail does not stand as it came; save the mail as .eml, or drag it here from another mail program') });
    await page.locator('#verify-trouble').waitFor();
  }),
  ...VERIFIED.map((which) => main(`verify-${which.replace('_', '-')}`, 'verify', () => [], async (page, l) => {
    await hand(page, [MAIL]);
    await tell(page, verified(l, which));
    await page.locator('#verdict:focus').waitFor();
    if (which === 'valid') await page.locator('[data-part="0"] summary').click();
  })),
  main('identities', 'identities', (l) => [identities(l)], async (page) => { await page.locator('details summary').first().click(); }),
  main('identities-none', 'identities', (l) => [identities(l, [])]),
  main('identities-ending', 'identities', (l) => [identities(l, ['ending', 'soon', 'expired', 'card'], true)]),
  main('identities-remove', 'identities', (l) => [identities(l, ['good'])], async (page) => { await page.locator('#remove-0').click(); }),
  main('identities-withdraw', 'identities', (l) => [identities(l, ['good'], true)], async (page, l) => {
    await tell(page, { view: 'request_saved', id: 'c1', path: '/home/jansen/Downloads/j.jansen@praktijkdelinde.nl.csr' });
    await page.locator('.row .plain').click();
    await page.getByText(say(l, 'De sleutel wordt gewist', 'The key is wiped')).waitFor();
  }),
  main('identities-import', 'identities', (l) => [identities(l)], async (page) => { await page.locator('#import').click(); await page.locator('#identity-file-missing').waitFor(); }, { accounts: ['j.jansen@praktijkdelinde.nl', 'assistente@praktijkdelinde.nl'] }),
  main('identities-import-refused', 'identities', (l) => [identities(l)], async (page, l) => {
    await hand(page, [{ name: 'jansen.p12', mimeType: 'application/x-pkcs12', buffer: Buffer.from('x') }], 'import');
    await page.locator('#identity-password').fill('geheim');
    await page.locator('#import').click();
    await page.waitForFunction(() => /** @type {any} */ (window).__posted.at(-1).ask === 'import_identity');
    await tell(page, { view: 'trouble', ask: 'import_identity', sentence: say(l, 'Het wachtwoord opent dit bestand niet, of het bestand is veranderd; probeer het opnieuw.', 'the password does not open this file, or the file was changed; try again') });
    await page.locator('#import-trouble').waitFor();
  }),
  main('identities-request', 'identities', (l) => [identities(l)], async (page) => { await add(page, 'request'); await page.locator('.form details summary').click(); }),
  main('identities-trial', 'identities', (l) => [identities(l)], (page) => add(page, 'trial')),
  main('identities-making', 'identities', (l) => [identities(l)], async (page) => { await add(page, 'trial'); await page.locator('#make').click(); }),
  main('identities-made', 'identities', (l) => [identities(l)], async (page) => {
    await add(page, 'trial');
    await page.locator('#make').click();
    await tell(page, { view: 'identity_done', done: 'made', account: 'j.jansen@praktijkdelinde.nl' });
    await page.locator('#done').waitFor();
  }),
  main('identities-cards-looking', 'identities', (l) => [identities(l)], (page) => add(page, 'card')),
  main('identities-cards', 'identities', (l) => [identities(l)], async (page, l) => { await add(page, 'card'); await tell(page, cards(l)); await page.locator('#add-card').click(); }),
  main('identities-cards-pin', 'identities', (l) => [identities(l)], async (page, l) => {
    await add(page, 'card');
    await tell(page, cards(l, undefined, 'last'));
    await page.locator('#card-0').check();
    await page.locator('#add-card').click();
    await page.locator('#card-pin-missing').waitFor();
  }),
  ...(/** @type {const} */ (['locked', 'to_set', 'at_reader'])).map((pin) => main(`identities-cards-${pin.replace('_', '-')}`, 'identities', (l) => [identities(l)], async (page, l) => {
    await add(page, 'card');
    await tell(page, cards(l, undefined, pin));
    await page.locator('#card-0').check();
  })),
  main('identities-cards-none', 'identities', (l) => [identities(l)], async (page, l) => {
    await add(page, 'card');
    await tell(page, cards(l, { cards: [], software: [{ name: 'OpenSC', module: '/usr/lib/opensc-pkcs11.so', used: false }], troubles: [say(l, 'De kaartsoftware /usr/lib/libeToken.so kan niet worden geladen; installeer haar.', 'the card software /usr/lib/libeToken.so cannot be loaded; install it')] }));
  }),
  main('pin', 'waiting', (l) => [waiting(l), { view: 'ask_pin', id: 'b4', card: 'UZI-pas Jansen', pin: 'ready' }], async (page, l) => {
    await page.locator('#pin').fill('1234');
    await page.keyboard.press('Enter');
    await tell(page, { view: 'trouble', ask: 'unlock_card', sentence: say(l, 'De pincode klopt niet. Er zijn nog maar enkele pogingen; kijk goed na.', 'the PIN is wrong; only a few tries are left, look it up first') });
    await page.locator('#pin-trouble').waitFor();
  }),
  main('try', 'try', () => [], undefined, { try_out: true, waiting: 0, failed: 0 }),
  main('try-referral', 'try', () => [], async (page) => {
    await page.locator('#try-referral').click();
    await tell(page, { view: 'sample_sent', sample: 'referral', reply: '250 2.0.0 held as 01JDKQ8Z3F7G: waiting for your choice' });
  }, { try_out: true, waiting: 1, failed: 0 }),
];

export const SCREENS = [...QUESTION, ...MAIN, ...ARCHIVE, ...SETUP];
export { settle, tell };
