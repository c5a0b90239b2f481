// What can be answered, and what is answered when nobody touches anything. No page in here: the
// rules are tested by themselves.

import type { Key } from '../catalogue';
import type { FilingView, Outlook, Question, Recipient, Way } from '../contract';
import type { Shape } from '../parts/Icon.svelte';

/** A way, or to let the message wait. */
export type Answer = Way | 'wait';

/** `open`: it is over and nothing went; `neutral`: it is still coming. */
export type Tone = Extract<Shape, 'good' | 'attention' | 'bad' | 'neutral' | 'open'>;

/** Something is still to be chosen for them. */
export function isOpen(recipient: Recipient): boolean {
  return recipient.state === 'waiting' || recipient.state === 'failed';
}

const MAY_GO: Outlook[] = ['direct', 'provider', 'gateway', 'unknown'];

/** Safe sending may reach them; what is not looked up yet may. */
export function mayGoSafely(recipient: Recipient): boolean {
  return isOpen(recipient) && MAY_GO.includes(recipient.outlook);
}

export function canSecure(question: Question): boolean {
  return question.recipients.some(mayGoSafely);
}

/** What Enter does where nothing was touched: safe, or nothing at all. */
export function preselected(question: Question): Answer {
  return canSecure(question) ? 'secure' : 'wait';
}

/** Those whom safe sending leaves waiting. Empty while somebody is still looked up. */
export function leftWaiting(question: Question): Recipient[] {
  const open = question.recipients.filter(isOpen);
  if (open.some((one) => one.outlook === 'unknown')) return [];
  return open.filter((one) => !mayGoSafely(one));
}

/** Who is named before ordinary mail goes: those without a safe way, and the others. */
export interface Named {
  /** They get it as ordinary mail. */
  plain: string[];
  /** A safe way was found for them. */
  safe: string[];
  /** It is still being looked up for them. */
  unknown: string[];
}

/**
 * Ordinary mail is for those without a safe way. Where everybody has one, or it is not known yet, a person
 * who wants it all the same sends it to all of them.
 */
export function named(question: Question): Named {
  const open = question.recipients.filter(isOpen);
  const of = (these: Recipient[]) => [...new Set(these.map((one) => one.address))];
  const without = of(open.filter((one) => !mayGoSafely(one)));
  const unknown = of(open.filter((one) => one.outlook === 'unknown'));
  const safe = of(open.filter((one) => mayGoSafely(one) && one.outlook !== 'unknown'));
  return { plain: without.length > 0 ? without : of(open), safe, unknown };
}

export interface Offer {
  answer: Answer;
  possible: boolean;
}

/**
 * The answers in their order. Waiting stands among them where no safe way does. Where nothing is
 * found any more, ordinary mail needs no reason and stands first; it is never preselected.
 */
export function offers(question: Question): Offer[] {
  const secure = canSecure(question);
  const list: Offer[] = [{ answer: 'secure', possible: secure }];
  if (question.settled) list.unshift({ answer: 'plain', possible: true });
  if (!secure) list.push({ answer: 'wait', possible: true });
  list.push(
    { answer: 'secure_and_dossier', possible: secure && question.dossier !== null },
    { answer: 'dossier', possible: question.dossier !== null },
    { answer: 'ordinary', possible: true },
    { answer: 'withdraw', possible: true },
  );
  return question.settled ? list.filter((one) => one.answer !== 'ordinary') : list;
}

/** An answer that files the mail under a patient. */
export function files(answer: Answer): boolean {
  return answer === 'secure_and_dossier' || answer === 'dossier';
}

/** What a person picked, as long as it can be had; else what is preselected. */
export function standing(question: Question, picked: Answer | null): Answer {
  const offer = offers(question).find((one) => one.answer === picked);
  return offer?.possible ? offer.answer : preselected(question);
}

export function outlookTone(recipient: Recipient): Tone {
  switch (recipient.outlook) {
    case 'direct':
    case 'provider':
      return 'good';
    case 'gateway':
    case 'later':
      return 'attention';
    case 'no_way':
    case 'refused':
      return 'bad';
    case 'unknown':
      return 'neutral';
  }
}

/** The words for an outlook; they never say more than the route gives. */
export function outlookKey(recipient: Recipient, lookingUp: boolean): Key {
  const { outlook, proof, host } = recipient;
  if (outlook === 'unknown') return lookingUp ? 'outlook.looking_up' : 'outlook.unknown';
  if (outlook !== 'direct') return `outlook.${outlook}`;
  return proof && host ? `outlook.direct.${proof}` : 'outlook.direct';
}

export function progressTone(recipient: Recipient): Tone {
  switch (recipient.state) {
    case 'sent':
      return 'good';
    case 'failed':
      return 'bad';
    case 'waiting':
      return 'attention';
    case 'chosen':
      return recipient.attempts > 0 ? 'attention' : 'neutral';
    case 'withdrawn':
      return recipient.in_doubt ? 'attention' : 'open';
    case 'sending':
      return 'neutral';
  }
}

/** The words for how far it is with a recipient. */
export function progressKey(recipient: Recipient): Key {
  const { state, host, next_attempt_at, in_doubt } = recipient;
  if (state === 'sent') return host ? 'state.sent.host' : 'state.sent';
  if (state === 'chosen' && next_attempt_at) return 'state.again';
  if (in_doubt && (state === 'failed' || state === 'withdrawn')) return 'state.in_doubt';
  return `state.${state}`;
}

export type Outcome =
  | 'all' | 'all_due' | 'all_not_filed'
  | 'some' | 'none' | 'doubt' | 'later'
  | 'withdrawn' | 'filed' | 'filed_due' | 'not_filed';

const SENT_AND: Record<FilingView['stands'], Outcome> = {
  filed: 'all', after_sending: 'all_due', due: 'all_due', refused: 'all_not_filed', stopped: 'all',
};
const NOT_SENT_AND: Record<FilingView['stands'], Outcome> = {
  filed: 'filed', after_sending: 'filed_due', due: 'filed_due', refused: 'not_filed', stopped: 'withdrawn',
};

/**
 * One word over all: everybody has it, somebody has, nobody has, or it was not to be sent; and whether the
 * record has it, where it was to. Where a server may have it though no answer was seen, it is never said
 * that it did not go.
 */
export function outcome({ recipients, filing }: Pick<Question, 'recipients' | 'filing'>): Outcome {
  const count = (...states: Recipient['state'][]) =>
    recipients.filter((one) => states.includes(one.state)).length;
  if (count('sent') === recipients.length) return filing ? SENT_AND[filing.stands] : 'all';
  if (count('sent') > 0) return 'some';
  if (recipients.some((one) => one.in_doubt)) return 'doubt';
  if (count('withdrawn') === recipients.length) return filing ? NOT_SENT_AND[filing.stands] : 'withdrawn';
  return count('chosen', 'sending') > 0 ? 'later' : 'none';
}
