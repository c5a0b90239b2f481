// @ts-check
// What the engine would tell of a domain, in either language.
import { say } from './fixtures.mjs';

/** @typedef {import('../../src/contract').Language} Language */
/** @typedef {import('../../src/contract').ChainLink} ChainLink */
/** @typedef {import('../../src/contract').SeenStep} SeenStep */
/** @typedef {import('../../src/contract').SeenState} SeenState */
/** @typedef {import('../../src/contract').Verdict} Verdict */

/** @type {(name: string, clause: string, state: SeenState, seen: string, more?: Partial<SeenStep>) => SeenStep} */
const step = (name, clause, state, seen, more) => ({ name, about: null, clause, state, seen, mend: null, publish: null, ...more });

/** @type {(link: ChainLink['link'], steps: SeenStep[]) => ChainLink} */
const link = (link, steps) => {
  const order = /** @type {SeenState[]} */ (['not_looked_at', 'good', 'attention', 'unknown', 'bad']);
  const state = order[Math.max(0, ...steps.map((one) => order.indexOf(one.state)))] ?? 'not_looked_at';
  return { link, state, steps };
};

const LONG = 'mail-ontvangst-beveiligd-03.regionaal-samenwerkingsverband-huisartsenzorg.voorbeeld-leverancier.example';

/** @type {(l: Language) => string} */
const notLooked = (l) => say(l, 'Niet gekeken: een stap eerder hield het op.', 'Not looked at: it ended a step before.');

/** @type {(l: Language, domain: string, host: string) => ChainLink[]} */
const good = (l, domain, host) => [
  link('record', [
    step(say(l, 'NTA-record', 'NTA record'), 'R-DNS-1', 'good', say(l, 'Het NTA-record is goed en geldt van 2026-01 tot en met 2027-12; leverancier zorgpost.', 'The NTA record is good and holds from 2026-01 through 2027-12; supplier zorgpost.')),
    step(say(l, 'Record van de leverancier', "Supplier's record"), 'R-DNS-4', 'not_looked_at', say(l, 'Niet gekeken: het domein van de leverancier is niet bekend.', "Not looked at: the supplier's domain is not known.")),
  ]),
  link('dnssec', [step('DNSSEC', 'R-SEND-4', 'good', say(l, 'DNSSEC bewijst dat het antwoord van het domein zelf komt.', "DNSSEC proves that the answer is the domain's own."))]),
  link('host', [
    step(say(l, 'Mailservers', 'Mail hosts'), 'R-DNS-3', 'good', say(l, `NTA-mail gaat naar de mailservers van MX: 10 ${host}.`, `NTA mail goes to the mail hosts of MX: 10 ${host}.`)),
    step(say(l, 'DNSSEC van de mailservers', 'DNSSEC of the mail hosts'), 'R-SEND-6', 'good', say(l, 'DNSSEC bewijst welke mailservers dit zijn.', 'DNSSEC proves which mail hosts these are.')),
  ]),
  link('proof', [
    step('TLSA (DANE)', 'R-DANE-1', 'good', say(l, `${host} heeft TLSA 3 1 1 van zijn sleutel.`, `${host} has TLSA 3 1 1 of its key.`), { about: host }),
    step('STARTTLS', 'R-SMTP-1', 'good', say(l, `${host} is bereikbaar en biedt STARTTLS.`, `${host} can be reached and offers STARTTLS.`), { about: host }),
    step('TLS', 'R-TLS-1', 'good', 'TLS 1.3, TLS13_AES_256_GCM_SHA384, X25519', { about: host }),
  ]),
];

/** What was seen for a mail that was not sent yet. @type {(l: Language, host?: string) => ChainLink[]} */
export const before = (l, host = 'mx1.ziekenhuis.nl') => [
  ...good(l, 'ziekenhuis.nl', host).slice(0, 3),
  link('proof', [
    step('TLSA (DANE)', 'R-DANE-1', 'not_looked_at', say(l, `${host} heeft TLSA 3 1 1; de sleutel erbij was niet te zien.`, `${host} has TLSA 3 1 1; the key that belongs to it could not be seen.`), { about: host }),
    step(say(l, 'Certificaat', 'Certificate'), 'R-SEND-5', 'not_looked_at', say(l, `Bij het versturen moet ${host} zich bewijzen met DANE; anders gaat er niets weg.`, `When it is sent ${host} has to prove itself by DANE; else nothing goes.`), { about: host }),
  ]),
];

/** A domain that says nothing. @type {(l: Language, domain: string) => ChainLink[]} */
export const silent = (l, domain) => [
  link('record', [step(say(l, 'NTA-record', 'NTA record'), 'R-DNS-1', 'bad', say(l, `${domain} publiceert geen NTA-record en verklaart dus niet te voldoen.`, `${domain} publishes no NTA record, and so does not declare to comply.`))]),
  link('dnssec', [step('DNSSEC', 'R-SEND-4', 'good', say(l, 'DNSSEC bewijst dat het antwoord van het domein zelf komt.', "DNSSEC proves that the answer is the domain's own."))]),
  link('host', [step(say(l, 'Mailservers', 'Mail hosts'), 'R-DNS-3', 'not_looked_at', notLooked(l))]),
  link('proof', [step(say(l, 'Certificaat', 'Certificate'), 'R-SEND-5', 'not_looked_at', notLooked(l))]),
];

/** A name server that does not answer. @type {(l: Language, domain: string) => ChainLink[]} */
export const unseen = (l, domain) => [
  link('record', [step(say(l, 'NTA-record', 'NTA record'), 'R-DNS-1', 'unknown', say(l, 'Nu niet te zeggen: de DNS-server gaf niet op tijd antwoord bij het opvragen van het NTA-record.', 'Cannot be told now: the DNS server did not answer in time when asked for the NTA record.'), { mend: say(l, 'Kijk later opnieuw; dit zegt niets over het domein.', 'Look again later; this says nothing about the domain.') })]),
  link('dnssec', [step('DNSSEC', 'R-SEND-4', 'unknown', say(l, `Nu niet te zeggen: de DNS-server gaf niet op tijd antwoord over ${domain}.`, `Cannot be told now: the DNS server did not answer in time about ${domain}.`))]),
  link('host', [step(say(l, 'Mailservers', 'Mail hosts'), 'R-DNS-3', 'not_looked_at', notLooked(l))]),
  link('proof', [step(say(l, 'Certificaat', 'Certificate'), 'R-SEND-5', 'not_looked_at', notLooked(l))]),
];

/** A host whose key is another than the one that is published. @type {(l: Language, domain: string, host: string) => ChainLink[]} */
export const mismatch = (l, domain, host) => [
  ...good(l, domain, host).slice(0, 3),
  link('proof', [
    step('TLSA (DANE)', 'R-DANE-1', 'bad', say(l, `Geen TLSA 3 1 1 van ${host} hoort bij de sleutel die hij toont.`, `No TLSA 3 1 1 of ${host} belongs to the key that it shows.`), {
      about: host,
      mend: say(l, 'Publiceer dit record, nadat u op de mailserver zelf hebt nagegaan dat dit zijn sleutel is. Zet bij een nieuwe sleutel eerst het nieuwe record erbij.', 'Publish this record, after you made sure on the mail host itself that this is its key. With a new key, first add the new record.'),
      publish: { name: `_25._tcp.${host}`, kind: 'TLSA', value: '3 1 1 8d02536c887482bc34ff54e41d2ba659bf85b341a0a20afadb5813dcfbcf286d' },
    }),
    step('STARTTLS', 'R-SMTP-1', 'good', say(l, `${host} is bereikbaar en biedt STARTTLS.`, `${host} can be reached and offers STARTTLS.`), { about: host }),
    step(say(l, 'Certificaat', 'Certificate'), 'R-SEND-5', 'bad', say(l, 'Het certificaat is niet dat van het TLSA-record.', 'The certificate is not the one of the TLSA record.'), { about: host }),
  ]),
];

/** @type {(l: Language, domain: string) => SeenStep[]} */
const beside = (l, domain) => [
  step('SPF', 'R-SPF-1', 'good', say(l, 'SPF sluit af met -all.', 'SPF ends with -all.')),
  step('DMARC', 'R-DMARC-1', 'attention', say(l, 'DMARC houdt niets tegen (p=none).', 'DMARC stops nothing (p=none).'), {
    mend: say(l, 'Zet het beleid op reject zodra uw eigen mail overal goed aankomt.', 'Set the policy to reject as soon as your own mail arrives well everywhere.'),
    publish: { name: `_dmarc.${domain}`, kind: 'TXT', value: `v=DMARC1; p=reject; rua=mailto:dmarc@${domain}` },
  }),
  step('DKIM', 'R-DKIM-1', 'not_looked_at', say(l, 'Niet gekeken: welke selectors het domein heeft, vertelt DNS niet.', 'Not looked at: DNS does not tell which selectors a domain has.')),
];

/** @type {(l: Language, verdict: Verdict, long?: boolean) => import('../../src/contract').View} */
export const domain = (l, verdict, long = false) => {
  const name = long ? 'regionaal-samenwerkingsverband-huisartsenzorg-en-wijkverpleging.voorbeeld-gemeente.example' : 'ziekenhuis.nl';
  const host = long ? LONG : 'mx1.ziekenhuis.nl';
  const record = { name, kind: 'TXT', value: 'v=NTA7516-1;startdate=2026-11;enddate=2029-10;provider=KENMERK' };
  const none = silent(l, name);
  const first = none[0]?.steps[0];
  if (first) {
    first.mend = say(l, 'Voldoet uw organisatie, publiceer dan dit TXT-record bij het maildomein; vul bij provider= het kenmerk van uw leverancier in.', "If your organisation complies, publish this TXT record at the mail domain; put your supplier's mark behind provider=.");
    first.publish = record;
  }
  /** @type {Record<Verdict, { links: ChainLink[], step: string, reasons: string[], proof: import('../../src/contract').Proof | null }>} */
  const all = {
    direct: { links: good(l, name, host), step: 'R-SEND-5', proof: 'dane', reasons: [say(l, `Veilige mail kan: de mailserver ${host} bewees zich met DANE (TLS 1.3).`, `Safe mail can go: the mail host ${host} proved itself by DANE (TLS 1.3).`)] },
    other_way: { links: none, step: 'R-SEND-2', proof: null, reasons: [say(l, `${name} verklaart niet te voldoen aan NTA 7516. Kies een andere manier.`, `${name} does not declare to comply with NTA 7516. Choose another way.`)] },
    refuse: { links: mismatch(l, name, host), step: 'R-SEND-5', proof: null, reasons: [say(l, `${host}: het certificaat is niet dat van het TLSA-record.`, `${host}: the certificate is not the one of the TLSA record.`)] },
    later: { links: unseen(l, name), step: 'R-SEND-3', proof: null, reasons: [say(l, 'De DNS-server gaf niet op tijd antwoord. Probeer het later opnieuw.', 'The DNS server did not answer in time. Try again later.')] },
  };
  return { view: 'domain', asked: name, report: { domain: name, verdict, ...all[verdict], beside: beside(l, name), text: `${say(l, 'Controle van het maildomein', 'Check of the mail domain')} ${name}\n` } };
};
