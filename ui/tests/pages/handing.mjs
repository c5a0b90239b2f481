// @ts-check
// Files that a person hands over, identities, cards, and what came in.
import assert from 'node:assert/strict';

import { posted } from './browser.mjs';
import { frame, settings, waiting } from './fixtures.mjs';
import { tell } from './screens.mjs';
import { cards, identities, identity, received, verified } from './signing.mjs';

/** @typedef {import('playwright-core').Page} Page */
/** @typedef {import('./behaviour.mjs').Open} Open */

const FIRST = 'j.jansen@praktijkdelinde.nl';
const SECOND = 'assistente@praktijkdelinde.nl';
const MAIL = { name: 'brief.eml', mimeType: 'message/rfc822', buffer: Buffer.from('From: a@b.nl\r\n\r\nx') };
const SIGNATURE = { name: 'brief.p7s', mimeType: 'application/pkcs7-signature', buffer: Buffer.from('zegel') };
const base64 = (/** @type {{ buffer: Buffer }} */ file) => file.buffer.toString('base64');

/** @type {(page: Page, ask: string) => Promise<any[]>} */
const asked = async (page, ask) => (await posted(page)).filter((one) => one.ask === ask);
/** @type {(page: Page, ask: string, count?: number) => Promise<any>} */
const until = async (page, ask, count = 1) => {
  await page.waitForFunction(([ask, count]) => /** @type {any} */ (window).__posted.filter((/** @type {any} */ one) => one.ask === ask).length >= /** @type {number} */ (count), /** @type {const} */ ([ask, count]));
  return (await asked(page, ask)).at(-1);
};
/** @type {(page: Page) => Promise<string>} */
const focused = (page) => page.evaluate(() => document.activeElement?.id ?? '');
/** @type {(page: Page, open: Open) => Promise<void>} */
const openVerify = (page, open) => open(page, 'index.html#verify', [frame('nl')]);
/** @type {(page: Page, open: Open, around?: object, which?: any[], requests?: boolean) => Promise<void>} */
const openIdentities = (page, open, around, which, requests) =>
  open(page, 'index.html#identities', [frame('nl', around), identities('nl', which, requests)]);

/** Drops files as a person does with the mouse. @type {(page: Page, files: { name: string, buffer: Buffer }[]) => Promise<void>} */
const drop = async (page, files) => {
  const given = files.map((one) => ({ name: one.name, bytes: [...one.buffer] }));
  const data = await page.evaluateHandle((all) => {
    const transfer = new DataTransfer();
    for (const one of all) transfer.items.add(new File([new Uint8Array(one.bytes)], one.name));
    return transfer;
  }, given);
  await page.dispatchEvent('.drop', 'dragenter', { dataTransfer: data });
  assert.equal(await page.locator('.drop.over').count(), 1, 'the place shows that it takes the file');
  await page.dispatchEvent('.drop', 'drop', { dataTransfer: data });
  assert.equal(await page.locator('.drop.over').count(), 0);
};

/** @type {Record<string, (page: Page, open: Open) => Promise<void>>} */
export const HANDING = {
  async 'a mail that is dropped is verified, and the focus goes to the verdict'(page, open) {
    await openVerify(page, open);
    await drop(page, [MAIL]);
    assert.deepEqual(await until(page, 'verify'), { ask: 'verify', file: { name: 'brief.eml', bytes: base64(MAIL) }, content: null });
    await tell(page, { view: 'verified', file: null });
    assert.match(await page.locator('.working').innerText(), /brief\.eml wordt bekeken/);
    await tell(page, verified('nl', 'valid'));
    await page.locator('#verdict:focus').waitFor();
    assert.match(await page.locator('#verdict').innerText(), /^Echt: ondertekend door de afzender/);
    assert.equal(await page.locator('.working').count(), 0);
  },

  async 'a signature and its content are told apart by their names, in whatever order'(page, open) {
    for (const [round, files] of [[MAIL, SIGNATURE], [SIGNATURE, MAIL]].entries()) {
      await openVerify(page, open);
      await page.locator('#verify-file').setInputFiles(files);
      const request = await until(page, 'verify');
      assert.deepEqual([request.file.name, request.content.name], ['brief.p7s', 'brief.eml'], `${round}`);
      assert.equal(request.file.bytes, base64(SIGNATURE));
    }
  },

  async 'a signature by itself asks for its content, and is verified with it then'(page, open) {
    await openVerify(page, open);
    await page.locator('#verify-file').setInputFiles([SIGNATURE]);
    await until(page, 'verify');
    await tell(page, verified('nl', 'alone'));
    assert.match(await page.locator('#verdict').innerText(), /losse handtekening/);
    assert.equal(await page.locator('#picture').count(), 0);
    await page.locator('#verify-content').setInputFiles([MAIL]);
    const request = await until(page, 'verify', 2);
    assert.deepEqual([request.file.name, request.content.bytes], ['brief.p7s', base64(MAIL)]);
  },

  async 'too many files, and one that is too large, are said and not sent'(page, open) {
    await openVerify(page, open);
    await page.locator('#verify-file').setInputFiles([MAIL, MAIL, SIGNATURE]);
    assert.match(await page.locator('#verify-wrong').innerText(), /Kies één mail/);
    await page.evaluate(() => {
      const transfer = new DataTransfer();
      const large = new File(['x'], 'groot.eml');
      Object.defineProperty(large, 'size', { value: 50 * 1024 * 1024 + 1 });
      transfer.items.add(large);
      const input = /** @type {HTMLInputElement} */ (document.getElementById('verify-file'));
      Object.defineProperty(input, 'files', { value: [large], configurable: true });
      input.dispatchEvent(new Event('change', { bubbles: true }));
    });
    await page.getByText('‘groot.eml’ is groter dan 50 MB').waitFor();
    assert.deepEqual(await asked(page, 'verify'), []);
  },

  async 'the picture is read in words: what is signed, by whom, and what is not'(page, open) {
    await openVerify(page, open);
    await tell(page, verified('nl', 'partly'));
    const blocks = page.locator('.sheet > ul > li');
    assert.equal(await blocks.count(), 4);
    assert.match(await blocks.nth(0).innerText(), /Van, aan, datum en onderwerp\s+Valt nooit onder een handtekening/);
    assert.match(await blocks.nth(1).innerText(), /Ondertekend door a\.devries@ziekenhuis\.nl In orde/);
    assert.match(await blocks.nth(1).locator('li').nth(1).innerText(), /Bestand: ontslagbrief\.pdf\s+284 kB\s+Ondertekend/);
    assert.match(await blocks.nth(3).innerText(), /Bestand: betaalverzoek\.html\s+9 kB\s+Niet ondertekend/);
  },

  async 'what a mail says of itself is text, whatever it looks like'(page, open) {
    await openVerify(page, open);
    const view = /** @type {any} */ (verified('nl', 'not_signed'));
    view.file.subject = '<img src=x onerror=alert(1)>';
    view.file.blocks[2].name = '<b>vet</b>.png';
    await tell(page, view);
    assert.match(await page.locator('.sheet dl').innerText(), /<img src=x/);
    assert.equal(await page.locator('.sheet img, .sheet b').count(), 0);
  },

  async 'the result is copied'(page, open) {
    await openVerify(page, open);
    await tell(page, verified('nl', 'broken'));
    await page.locator('.report button').click();
    await page.waitForFunction(async () => (await navigator.clipboard.readText()).startsWith('Controle van de handtekening'));
  },

  async 'an identity is taken over from a file with its password, which the page forgets'(page, open) {
    await openIdentities(page, open, { accounts: [FIRST, SECOND] });
    await page.locator('#import').click();
    assert.equal(await focused(page), 'identity-file');
    await page.locator('#identity-account').selectOption(SECOND);
    await page.locator('#identity-file').setInputFiles({ name: 'jansen.p12', mimeType: 'application/x-pkcs12', buffer: Buffer.from('PFX') });
    await page.locator('#identity-password').fill('geheim');
    await page.keyboard.press('Enter');
    assert.deepEqual(await until(page, 'import_identity'), { ask: 'import_identity', address: SECOND, file: { name: 'jansen.p12', bytes: 'UEZY' }, password: 'geheim' });
    await tell(page, { view: 'trouble', ask: 'import_identity', sentence: 'Het wachtwoord opent dit bestand niet.' });
    assert.equal(await page.locator('#import-trouble').innerText(), 'Het wachtwoord opent dit bestand niet.');
    assert.deepEqual([await focused(page), await page.locator('#identity-password').inputValue()], ['identity-password', '']);
    await page.locator('#identity-password').fill('goed');
    await page.locator('#import').click();
    await until(page, 'import_identity', 2);
    await tell(page, identities('nl', ['good', 'trial', 'soon']));
    await tell(page, { view: 'identity_done', done: 'imported', account: SECOND });
    assert.match(await page.locator('#done').innerText(), /^Toegevoegd\. assistente@/);
    assert.equal(await page.locator('#identity-password').inputValue(), '');
  },

  async 'how long an identity lasts is said with what to do, by shape and in words'(page, open) {
    await openIdentities(page, open, {}, ['good', 'ending', 'soon', 'expired']);
    const list = page.locator('section[aria-labelledby=have] > ul > li');
    for (const [n, [days, shape, words]] of [['461', 'good', 'Ondertekent uw mail'], ['52', 'attention', 'nog 52 dagen'], ['9', 'attention', 'nu om een nieuwe'], ['-12', 'bad', 'ondertekent niets meer']].entries()) {
      assert.equal(await list.nth(n).locator('[data-days]').getAttribute('data-days'), days);
      assert.equal(await list.nth(n).locator('.head .icon').getAttribute('class').then((name) => name?.includes(`${shape}`)), true);
      assert.match(await list.nth(n).innerText(), new RegExp(words ?? ''));
    }
  },

  async 'removing an identity says first what it means, and keeping it is one press away'(page, open) {
    await openIdentities(page, open, {}, ['good']);
    await page.locator('#remove-0').click();
    assert.equal(await focused(page), 'remove-sure-0');
    assert.match(await page.locator('#remove-about-0').innerText(), /voorgoed gewist.*kan j\.jansen@praktijkdelinde\.nl geen veilige mail meer versturen/s);
    await page.locator('#remove-sure-0 + button').click();
    assert.equal(await focused(page), 'remove-0');
    assert.deepEqual(await asked(page, 'remove_identity'), []);
    await page.locator('#remove-0').click();
    await page.keyboard.press('Enter');
    assert.deepEqual(await asked(page, 'remove_identity'), [{ ask: 'remove_identity', id: identity('nl').good.id }]);
    await tell(page, identities('nl', []));
    await tell(page, { view: 'identity_done', done: 'removed', account: FIRST });
    assert.match(await page.locator('main').innerText(), /Verwijderd bij.*U hebt nog geen identiteit/s);
  },

  async 'a request is made, copied, saved, and answered with a certificate'(page, open) {
    await openIdentities(page, open, {}, ['good'], true);
    await page.locator('input[value=request]').check();
    await page.locator('#identity-name').fill('J. Jansen, huisarts');
    await page.locator('#identity-organisation').fill('Praktijk De Linde');
    await page.keyboard.press('Enter');
    assert.deepEqual(await until(page, 'request_identity'), { ask: 'request_identity', address: FIRST, name: 'J. Jansen, huisarts', organisation: 'Praktijk De Linde', key: 'rsa3072' });
    await page.getByRole('button', { name: 'Kopieer aanvraag' }).click();
    await page.waitForFunction(async () => (await navigator.clipboard.readText()).startsWith('-----BEGIN CERTIFICATE REQUEST-----'));
    await page.locator('#request-save-0').click();
    assert.deepEqual(await until(page, 'save_request'), { ask: 'save_request', id: 'c1' });
    await tell(page, { view: 'request_saved', id: 'c1', path: '/home/jansen/aanvraag.csr' });
    await page.getByText('/home/jansen/aanvraag.csr').waitFor();
    await page.locator('#answer-0').setInputFiles({ name: 'antwoord.pem', mimeType: 'text/plain', buffer: Buffer.from('CERT') });
    assert.deepEqual(await until(page, 'install_identity'), { ask: 'install_identity', file: { name: 'antwoord.pem', bytes: 'Q0VSVA==' } });
    await tell(page, { view: 'trouble', ask: 'install_identity', sentence: 'Het certificaat hoort bij geen aanvraag.' });
    await page.getByText('hoort bij geen aanvraag').waitFor();
  },

  async 'the settings lead to the identities and back'(page, open) {
    await open(page, 'index.html#settings', [frame('nl'), settings('nl'), identities('nl')]);
    await page.locator('#manage-identities').click();
    await page.getByRole('heading', { level: 1, name: 'Identiteiten' }).waitFor();
    assert.equal(await page.locator('nav [aria-current]').innerText(), 'Instellingen');
    assert.equal(await page.locator('nav [aria-current]').getAttribute('aria-current'), 'true');
    await page.locator('.way-back a').click();
    await page.getByRole('heading', { level: 1, name: 'Instellingen' }).waitFor();
  },

  async 'a card is used with its PIN, which is sent once and forgotten'(page, open) {
    await openIdentities(page, open);
    await page.locator('input[value=card]').check();
    assert.equal((await asked(page, 'cards')).length, 1);
    await tell(page, cards('nl'));
    await page.locator('#add-card').click();
    assert.match(await page.locator('#card-missing').innerText(), /Kies een certificaat/);
    await page.locator('#card-0').check();
    await page.locator('#card-pin').fill('1234');
    await page.keyboard.press('Enter');
    assert.deepEqual(await asked(page, 'add_card'), [{ ask: 'add_card', address: FIRST, place: 'pkcs11:id=%01', pin: '1234' }]);
    assert.equal(await page.locator('#card-pin').inputValue(), '');
    await tell(page, { view: 'trouble', ask: 'add_card', sentence: 'De pincode klopt niet.' });
    assert.equal(await focused(page), 'card-pin');
    assert.equal((await asked(page, 'add_card')).length, 1, 'a PIN is never tried again by itself');
  },

  async 'card software is used only after a person says so'(page, open) {
    await openIdentities(page, open);
    await page.locator('input[value=card]').check();
    await tell(page, cards('nl', { cards: [], software: [{ name: 'OpenSC', module: '/usr/lib/opensc-pkcs11.so', used: false }] }));
    await page.locator('#software-0').click();
    assert.deepEqual(await asked(page, 'use_card_software'), [{ ask: 'use_card_software', module: '/usr/lib/opensc-pkcs11.so' }]);
  },

  async 'a PIN that is asked for is given once, and can wait'(page, open) {
    await open(page, 'index.html#waiting', [frame('nl'), waiting('nl')]);
    const ask = /** @type {any} */ ({ view: 'ask_pin', id: 'b4', card: 'UZI-pas Jansen', pin: 'last' });
    await tell(page, ask);
    assert.equal(await focused(page), 'pin');
    assert.match(await page.locator('dialog').innerText(), /UZI-pas Jansen.*nog één foute pincode/s);
    await page.keyboard.press('Enter');
    await page.locator('#pin-missing').waitFor();
    await page.locator('#pin').fill('1234');
    await page.keyboard.press('Enter');
    assert.deepEqual(await asked(page, 'unlock_card'), [{ ask: 'unlock_card', id: 'b4', pin: '1234' }]);
    assert.equal(await page.locator('#pin').inputValue(), '');
    await tell(page, { view: 'card_unlocked', id: 'b4' });
    await page.locator('dialog').waitFor({ state: 'detached' });
    await tell(page, ask);
    await page.locator('#pin-later').click();
    assert.equal(await page.locator('dialog').count(), 0);
    assert.equal((await asked(page, 'unlock_card')).length, 1);
  },

  async 'what came in is filtered on trouble, and how many there are is said'(page, open) {
    await open(page, 'index.html#received', [frame('nl'), received('nl')]);
    assert.equal(await page.locator('li[data-trust]').count(), 5);
    await page.locator('input[value=all]').focus();
    await page.keyboard.press('ArrowRight');
    const left = await page.locator('li[data-trust]').evaluateAll((all) => all.map((one) => one.getAttribute('data-trust')));
    assert.deepEqual(left, ['failed', 'partly']);
    assert.equal(await page.locator('p[role=status]').innerText(), '2 mails in deze lijst');
  },

  async 'each mail that came in says who signed, what the domain proves, and how to reply'(page, open) {
    await open(page, 'index.html#received', [frame('nl'), received('nl')]);
    const [good, bad] = [page.locator('[data-id=R1]'), page.locator('[data-id=R2]')];
    assert.match(await good.innerText(), /Klopt.*de afzender zelf.*echt verstuurd \(DKIM\).*Antwoorden kan gewoon/s);
    assert.match(await bad.innerText(), /Klopt niet.*dat is niet de afzender.*Antwoord niet/s);
    await bad.locator('summary').click();
    assert.match(await bad.innerText(), /na het ondertekenen door .* veranderd/);
  },
};
