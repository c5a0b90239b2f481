// @ts-check
// What the engine would tell of signatures, identities, cards and of what came in, in either language.
import { say } from './fixtures.mjs';

/** @typedef {import('../../src/contract').Language} Language */
/** @typedef {import('../../src/contract').View} View */
/** @typedef {import('../../src/contract').Signed} Signed */
/** @typedef {import('../../src/contract').BlockView} BlockView */
/** @typedef {import('../../src/contract').VerifiedFile} VerifiedFile */
/** @typedef {import('../../src/contract').VerifiedPart} VerifiedPart */
/** @typedef {import('../../src/contract').WhySigned} WhySigned */
/** @typedef {import('../../src/contract').ReceivedItem} ReceivedItem */
/** @typedef {import('../../src/contract').IdentityView} IdentityView */
/** @typedef {import('../../src/contract').CardsView} CardsView */

const BY = 'a.devries@ziekenhuis.nl';
const SUBJECT = 'CN=A. de Vries, neuroloog, O=Ziekenhuis, C=NL';
const ANCHOR = 'CN=Zorg CSP Root CA';

/** @type {(code: string, outcome: Signed, sentence: string) => WhySigned} */
const why = (code, outcome, sentence) => ({ code, outcome, sentence });

/** @type {(kind: BlockView['kind'], cover: BlockView['cover'], part: number | null, more?: Partial<BlockView>) => BlockView} */
const block = (kind, cover, part, more) => ({ kind, name: null, size: 0, cover, part, inside: [], ...more });

/** @type {(l: Language) => Record<'signed' | 'unknown' | 'notCades' | 'partly' | 'other' | 'changed' | 'anchor' | 'none' | 'structure' | 'content', WhySigned>} */
const reasons = (l) => ({
  signed: why('signed', 'valid', say(l, `Ondertekend door ${BY}; ${ANCHOR} staat voor die naam in.`, `Signed by ${BY}; ${ANCHOR} vouches for that name.`)),
  unknown: why('revocation-unknown', 'valid', say(l, 'Of het certificaat is ingetrokken, is niet bekend.', 'Whether the certificate was revoked is not known.')),
  notCades: why('not-cades', 'valid', say(l, `De handtekening van ${BY} is gewoon S/MIME, geen CAdES: zij noemt haar certificaat niet.`, `The signature of ${BY} is plain S/MIME, not CAdES: it does not name its certificate.`)),
  partly: why('partly', 'not_trusted', say(l, 'Alleen een deel van het bericht is ondertekend. Ga alleen op dat deel af.', 'Only a part of the message is signed. Rely on that part only.')),
  other: why('other-sender', 'not_trusted', say(l, `Het bericht zegt van directie@ziekenhuis.nl te komen, maar is ondertekend door ${BY}. Controleer bij de afzender of het echt is.`, `The message says that it is from directie@ziekenhuis.nl, and is signed by ${BY}. Ask the sender whether it is genuine.`)),
  changed: why('changed', 'broken', say(l, `Het bericht is na het ondertekenen door ${BY} veranderd. Vertrouw de inhoud niet en vraag de afzender om het opnieuw te sturen.`, `The message was changed after ${BY} signed it. Do not trust its content, and ask the sender to send it again.`)),
  anchor: why('no-path', 'not_trusted', say(l, `Voor ${BY} staat niemand in die u vertrouwt. Vraag uw ICT-beheerder of de uitgever te vertrouwen is.`, `Nobody whom you trust vouches for ${BY}. Ask your IT administrator whether the issuer is to be trusted.`)),
  none: why('not-signed', 'not_signed', say(l, 'Dit bericht is niet ondertekend.', 'This message is not signed.')),
  structure: why('structure', 'unclear', say(l, 'Het ondertekende deel is niet goed opgebouwd. Vraag de afzender om het opnieuw te sturen.', 'The signed part is not well formed. Ask the sender to send it again.')),
  content: why('no-content', 'unclear', say(l, 'Wat ondertekend is, zit niet bij de handtekening.', 'What was signed is not with the signature.')),
});

/** @type {(outcome: Signed, reasons: WhySigned[], more?: Partial<import('../../src/contract').SignerView>, cades?: boolean) => VerifiedPart} */
const part = (outcome, all, more, cades = true) => ({
  outcome, cades, reasons: all,
  signers: [{ address: BY, subject: SUBJECT, is_author: true, intact: outcome !== 'broken', anchor: outcome === 'valid' ? ANCHOR : null, path: outcome === 'valid' ? [SUBJECT, 'CN=Zorg CSP Level 2', ANCHOR] : [], revocation: 'unknown', algorithms: 'SHA-256, ECDSA, ECDSA P-256', signing_time: '2026-11-25T15:04:00Z', ...more }],
});

/** The pieces of a letter with a file. @type {(cover: BlockView['cover']) => BlockView[]} */
const letter = (cover) => [
  block('text', cover, 0, { size: 1480 }),
  block('file', cover, 0, { name: 'ontslagbrief.pdf', size: 284_112 }),
];
const SEAL = block('signature', 'nothing', null, { size: 3120 });
const HEADER = block('header', 'nothing', null);

/** @type {Record<string, (l: Language) => Partial<VerifiedFile>>} */
const FILES = {
  valid: (l) => {
    const all = [reasons(l).signed, reasons(l).unknown];
    return { outcome: 'valid', reasons: all, parts: [part('valid', all)], blocks: [HEADER, block('signed', 'nothing', 0, { inside: [...letter('signed'), SEAL] })] };
  },
  partly: (l) => {
    const all = [reasons(l).signed];
    return {
      outcome: 'partly', reasons: [reasons(l).partly, ...all], parts: [part('valid', all)],
      blocks: [HEADER, block('signed', 'nothing', 0, { inside: [...letter('signed'), SEAL] }), block('text', 'nothing', null, { size: 412 }), block('file', 'nothing', null, { name: say(l, 'betaalverzoek.html', 'payment-request.html'), size: 9120 })],
    };
  },
  not_trusted: (l) => {
    const all = [reasons(l).other, reasons(l).anchor, reasons(l).notCades];
    return { outcome: 'not_trusted', from: 'Directie <directie@ziekenhuis.nl>', reasons: all, parts: [part('not_trusted', all, { is_author: false }, false)], blocks: [HEADER, block('signed', 'nothing', 0, { inside: [...letter('signed'), SEAL] })] };
  },
  broken: (l) => {
    const all = [reasons(l).changed];
    return { outcome: 'broken', reasons: all, parts: [part('broken', all)], blocks: [HEADER, block('signed', 'nothing', 0, { inside: [...letter('broken'), SEAL] })] };
  },
  unclear: (l) => {
    const all = [reasons(l).structure];
    return { outcome: 'unclear', reasons: all, parts: [{ ...part('unclear', all), signers: [] }], blocks: [HEADER, block('signed', 'nothing', 0, { inside: letter('broken') })] };
  },
  not_signed: (l) => ({
    outcome: 'not_signed', reasons: [reasons(l).none], parts: [],
    blocks: [HEADER, block('text', 'nothing', null, { size: 803 }), block('picture', 'nothing', null, { name: 'logo.png', size: 20_480 }), block('calendar', 'nothing', null, { size: 1300 })],
  }),
  forwarded: (l) => {
    const all = [reasons(l).signed];
    return {
      outcome: 'partly', reasons: [reasons(l).partly, ...all], parts: [part('valid', all)], left_out: 3,
      blocks: [HEADER, block('text', 'nothing', null, { size: 96 }), block('message', 'nothing', null, { name: say(l, 'Ontslag dhr. Jansen', 'Discharge of Mr Jansen'), inside: [HEADER, block('signed', 'nothing', 0, { inside: [...letter('signed'), block('encrypted', 'signed', 0, { size: 5000 }), SEAL] })] })],
    };
  },
  signature: (l) => ({
    name: 'brief.pdf.p7s', content: 'brief.pdf', mail: false, from: '', subject: '', outcome: 'valid', reasons: [reasons(l).signed],
    parts: [part('valid', [reasons(l).signed], { is_author: null })], blocks: [block('signed', 'nothing', 0, { inside: [block('file', 'signed', 0, { size: 284_112 }), SEAL] })],
  }),
  alone: (l) => ({
    name: 'brief.pdf.p7s', mail: false, from: '', subject: '', outcome: 'unclear', wants_content: true, reasons: [reasons(l).content],
    parts: [{ ...part('unclear', [reasons(l).content]), signers: [] }], blocks: [],
  }),
};

/** @type {(l: Language, which: keyof typeof FILES) => View} */
export const verified = (l, which) => ({
  view: 'verified',
  file: {
    name: 'Ontslagbrief.eml', content: null, mail: true, from: `A. de Vries <${BY}>`, subject: say(l, 'Ontslagbrief dhr. Jansen', 'Discharge letter Mr Jansen'),
    outcome: 'valid', wants_content: false, reasons: [], parts: [], blocks: [], left_out: 0, text: say(l, 'Controle van de handtekening: Ontslagbrief.eml', 'Check of the signature: Ontslagbrief.eml'),
    ...FILES[which]?.(l),
  },
});
export const VERIFIED = Object.keys(FILES);

const JANSEN = 'j.jansen@praktijkdelinde.nl';
const FINGER = '8d02536c887482bc34ff54e41d2ba659bf85b341a0a20afadb5813dcfbcf286d';

/** @type {(l: Language) => Record<'good' | 'ending' | 'soon' | 'expired' | 'card' | 'trial', IdentityView>} */
export const identity = (l) => {
  const subject = 'CN=J. Jansen, huisarts, O=Praktijk De Linde, C=NL';
  const issuer = 'CN=UZI-register Zorgverlener CA';
  /** @type {IdentityView} */
  const good = {
    id: '8d02536c887482bc', account: JANSEN, addresses: [JANSEN], subject, issuer, key: 'RSA 3072', on_card: false, self_signed: false,
    fingerprint: FINGER, not_after: '2028-03-01T00:00:00Z', days_left: 461, standing: 'good', advice: null, signs: true,
    seen: say(l, `Ontvangers zien ${JANSEN} als ondertekenaar (${subject}), waar ${issuer} voor instaat.`, `Recipients see ${JANSEN} as the signer (${subject}), for whom ${issuer} vouches.`),
  };
  const ends = (/** @type {string} */ id, /** @type {number} */ days, /** @type {string} */ day) => ({ ...good, id, days_left: days, not_after: `${day}T12:00:00Z` });
  return {
    good,
    ending: { ...ends('b1', 52, '2027-01-17'), standing: 'attention', advice: say(l, 'De identiteit is nog 52 dagen geldig. Vraag de uitgever om een nieuwe.', 'The identity is valid for 52 more days. Ask the issuer for a new one.') },
    soon: { ...ends('b2', 9, '2026-12-05'), standing: 'attention', advice: say(l, 'De identiteit is nog 9 dagen geldig. Vraag de uitgever nu om een nieuwe; zonder kan veilige mail niet worden ondertekend.', 'The identity is valid for 9 more days. Ask the issuer for a new one now; without it safe mail cannot be signed.') },
    expired: { ...ends('b3', -12, '2026-11-14'), standing: 'bad', signs: false, advice: say(l, 'De identiteit is verlopen op 14 november 2026 en ondertekent niets meer. Vraag de uitgever om een nieuwe.', 'The identity expired on 14 November 2026 and signs nothing any more. Ask the issuer for a new one.') },
    card: { ...good, id: 'b4', on_card: true, key: 'RSA 2048', account: 'assistente@praktijkdelinde.nl', addresses: ['assistente@praktijkdelinde.nl'] },
    trial: {
      ...good, id: 'b5', standing: 'attention', subject: 'CN=assistente@praktijkdelinde.nl', issuer: 'CN=assistente@praktijkdelinde.nl', key: 'ECDSA P-256', self_signed: true, days_left: 728, not_after: '2028-11-23T00:00:00Z', account: 'assistente@praktijkdelinde.nl',
      seen: say(l, `Ontvangers zien ${JANSEN} als ondertekenaar (CN=${JANSEN}), met de waarschuwing dat niemand voor deze identiteit instaat.`, `Recipients see ${JANSEN} as the signer (CN=${JANSEN}), with a warning that nobody vouches for this identity.`),
    },
  };
};

/** @type {(l: Language, which?: (keyof ReturnType<typeof identity>)[], requests?: boolean) => View} */
export const identities = (l, which = ['good', 'trial'], requests = false) => ({
  view: 'identities',
  items: which.map((one) => identity(l)[one]),
  requests: requests ? [{ id: 'c1', account: JANSEN, made_at: '2026-11-24T09:00:00Z', pem: '-----BEGIN CERTIFICATE REQUEST-----\nMIIBIjCByQIBADA\n-----END CERTIFICATE REQUEST-----\n' }] : [],
});

/** @type {(l: Language, more?: Partial<CardsView>, pin?: import('../../src/contract').PinStands) => View} */
export const cards = (l, more, pin = 'ready') => ({
  view: 'cards',
  software: [{ name: 'SafeNet', module: '/usr/lib/libeToken.so', used: true }],
  cards: [{
    label: 'UZI-pas Jansen', pin,
    certificates: [
      { place: 'pkcs11:id=%01', subject: 'CN=J. Jansen, huisarts', issuer: 'CN=UZI-register Zorgverlener CA', not_after: '2028-03-01T00:00:00Z', refusal: null },
      { place: 'pkcs11:id=%02', subject: 'CN=J. Jansen, huisarts', issuer: 'CN=UZI-register Zorgverlener CA', not_after: '2028-03-01T00:00:00Z', refusal: say(l, 'Het certificaat is niet bedoeld om mail te ondertekenen; kies een ander.', 'The certificate is not meant for signing mail; choose another.') },
    ],
  }],
  troubles: [],
  ...more,
});

/** @type {(l: Language) => View} */
export const received = (l) => {
  const account = JANSEN;
  const r = reasons(l);
  /** @type {ReceivedItem[]} */
  const items = [
    {
      id: 'R1', account, received_at: '2026-11-26T08:51:00Z', from: BY, subject: say(l, 'Ontslagbrief dhr. Jansen', 'Discharge letter Mr Jansen'), trust: 'proved', reasons: [r.signed, r.unknown], copy: '01JDKQ8Z3F7G0000000000000B', filing: null,
      lines: [
        { what: 'signature', state: 'good', sentence: say(l, 'Ondertekend, en daarna niet veranderd.', 'Signed, and not changed since.') },
        { what: 'author', state: 'good', sentence: say(l, `Ondertekend door ${BY}: de afzender zelf.`, `Signed by ${BY}: the sender.`) },
        { what: 'nta', state: 'good', sentence: say(l, 'ziekenhuis.nl verklaart aan de norm voor zorgmail te voldoen.', 'ziekenhuis.nl declares to comply with the norm for health mail.') },
        { what: 'domain', state: 'good', sentence: say(l, 'ziekenhuis.nl heeft deze mail echt verstuurd (DKIM).', 'ziekenhuis.nl really sent this mail (DKIM).') },
      ],
    },
    {
      id: 'R2', account, received_at: '2026-11-26T07:30:00Z', from: 'directie@ziekenhuis.nl', subject: say(l, 'Spoed: nieuw rekeningnummer', 'Urgent: new account number'), trust: 'failed', reasons: [r.changed, r.other], copy: null, filing: null,
      lines: [
        { what: 'signature', state: 'bad', sentence: say(l, 'De handtekening klopt niet.', 'The signature does not hold.') },
        { what: 'author', state: 'bad', sentence: say(l, `Ondertekend door ${BY}, en dat is niet de afzender.`, `Signed by ${BY}, who is not the sender.`) },
        { what: 'domain', state: 'unknown', sentence: say(l, 'Niet te zien of ziekenhuis.nl dit zelf verstuurde.', 'Whether ziekenhuis.nl itself sent this cannot be seen.') },
      ],
    },
    {
      id: 'R3', account, received_at: '2026-11-25T13:10:00Z', from: 'triage@apotheekhetplein.nl', subject: '', trust: 'partly', reasons: [r.anchor], copy: null, filing: null,
      lines: [
        { what: 'signature', state: 'attention', sentence: say(l, 'Ondertekend, maar u kunt er niet op afgaan.', 'Signed, but you cannot rely on it.') },
        { what: 'author', state: 'good', sentence: say(l, 'Ondertekend door triage@apotheekhetplein.nl: de afzender zelf.', 'Signed by triage@apotheekhetplein.nl: the sender.') },
      ],
    },
    {
      id: 'R4', account, received_at: '2026-11-24T10:00:00Z', from: 'intake@ggzdeoever.nl', subject: 'Intake', trust: 'ordinary', reasons: [], copy: null, filing: null,
      lines: [{ what: 'nta', state: 'not_looked_at', sentence: say(l, 'ggzdeoever.nl verklaart te voldoen, maar stuurde dit als gewone mail.', 'ggzdeoever.nl declares to comply, but sent this as ordinary mail.') }],
    },
    {
      id: 'R5', account, received_at: '2026-11-24T09:00:00Z', from: 'lab@huisartsenlab.example', subject: say(l, 'Uitslagen', 'Results'), trust: 'later', reasons: [], copy: null, filing: null,
      lines: [{ what: 'nta', state: 'unknown', sentence: say(l, 'Nu niet te zeggen: de verklaring van huisartsenlab.example was niet op te vragen.', 'Cannot be told now: the declaration of huisartsenlab.example could not be looked up.') }],
    },
  ];
  return { view: 'received', items };
};
