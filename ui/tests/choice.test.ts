import { expect, test } from 'vitest';

import type { FilingView, Outlook, Proposed, Question, Recipient, State } from '../src/contract';
import { positionOf } from '../src/main/threshold';
import {
  leftWaiting,
  named,
  offers,
  outcome,
  outlookKey,
  outlookTone,
  preselected,
  progressKey,
  progressTone,
  standing,
} from '../src/question/choice';

function recipient(outlook: Outlook, more: Partial<Recipient> = {}): Recipient {
  return {
    address: `${outlook}@example.nl`,
    state: 'waiting',
    outlook,
    proof: null,
    host: null,
    sentence: '',
    step: null,
    words: null,
    in_doubt: false,
    attempts: 0,
    next_attempt_at: null,
    ...more,
  };
}

const PROPOSED: Proposed = {
  destinations: [],
  form: { destination: '', name: '', birth_date: '', bsn: '', author: '', date: '', written_at: '', kind: 'correspondence', confirmed: false },
  several: false,
};

function question(recipients: Recipient[], dossier = false): Question {
  return {
    id: 'A',
    number: 1,
    of: 1,
    left: 0,
    subject: '',
    account: '',
    held_at: '2026-11-25T12:00:00Z',
    why: 'health',
    settled: false,
    level: 'certain',
    passages: [],
    more: 0,
    opening: '',
    files: [],
    unread: [],
    recipients,
    looking_up: false,
    dossier: dossier ? PROPOSED : null,
    filing: null,
    stage: 'choose',
  };
}

const of = (...outlooks: Outlook[]) => question(outlooks.map((one) => recipient(one)));

test('safe is preselected where it may reach somebody, else nothing happens', () => {
  for (const one of ['direct', 'provider', 'gateway', 'unknown'] as const) {
    expect(preselected(of(one)), one).toBe('secure');
    expect(preselected(of('refused', one)), one).toBe('secure');
  }
  for (const one of ['later', 'no_way', 'refused'] as const) {
    expect(preselected(of(one)), one).toBe('wait');
  }
});

test('who has it already opens no safe way for the others', () => {
  const sent = recipient('direct', { state: 'sent' });
  expect(preselected(question([sent, recipient('no_way')]))).toBe('wait');
});

test('never is a destructive answer preselected, nor one that sends unsafely', () => {
  const all: Outlook[] = ['unknown', 'direct', 'provider', 'gateway', 'later', 'no_way', 'refused'];
  const states: State[] = ['waiting', 'chosen', 'sending', 'sent', 'failed', 'withdrawn'];
  for (const one of all) {
    for (const state of states) {
      const answer = preselected(question([recipient(one, { state })], true));
      expect(['secure', 'wait']).toContain(answer);
    }
  }
});

test('where nothing is found any more ordinary mail needs no reason, stands first, and is not preselected', () => {
  for (const one of ['direct', 'no_way'] as const) {
    const settled = { ...of(one), settled: true };
    const answers = offers(settled).map((offer) => offer.answer);
    expect(answers[0]).toBe('plain');
    expect(answers).not.toContain('ordinary');
    expect(preselected(settled)).toBe(preselected(of(one)));
    expect(standing(settled, 'plain')).toBe('plain');
    expect(standing({ ...settled, settled: false }, 'plain')).toBe(preselected(of(one)));
  }
});

test('what was picked stands as long as it can be had', () => {
  expect(standing(of('direct'), 'ordinary')).toBe('ordinary');
  expect(standing(of('direct'), 'dossier')).toBe('secure');
  expect(standing(of('no_way'), 'secure')).toBe('wait');
  expect(standing(question([recipient('direct')], true), 'secure_and_dossier')).toBe(
    'secure_and_dossier',
  );
  expect(standing(question([recipient('no_way')], true), 'dossier')).toBe('dossier');
});

test('waiting stands among the answers only where safe does not', () => {
  expect(offers(of('direct')).map((one) => one.answer)).not.toContain('wait');
  expect(offers(of('refused'))[1]).toEqual({ answer: 'wait', possible: true });
});

test('who stays waiting is said once everybody is looked up', () => {
  expect(leftWaiting(of('direct', 'no_way')).map((one) => one.outlook)).toEqual(['no_way']);
  expect(leftWaiting(of('direct', 'unknown', 'no_way'))).toEqual([]);
  expect(leftWaiting(of('direct', 'provider'))).toEqual([]);
});

test('only a route under a proof or a supplier is green', () => {
  expect(outlookTone(recipient('direct'))).toBe('good');
  expect(outlookTone(recipient('provider'))).toBe('good');
  expect(outlookTone(recipient('gateway'))).toBe('attention');
  expect(outlookTone(recipient('later'))).toBe('attention');
  expect(outlookTone(recipient('no_way'))).toBe('bad');
  expect(outlookTone(recipient('refused'))).toBe('bad');
  expect(outlookTone(recipient('unknown'))).toBe('neutral');
});

test('the proof is named only where it and its host are known', () => {
  const host = 'mx.example.nl';
  expect(outlookKey(recipient('direct', { proof: 'dane', host }), false)).toBe('outlook.direct.dane');
  expect(outlookKey(recipient('direct', { proof: 'dane' }), false)).toBe('outlook.direct');
  expect(outlookKey(recipient('provider', { proof: 'dane', host }), false)).toBe('outlook.provider');
  expect(outlookKey(recipient('unknown'), true)).toBe('outlook.looking_up');
  expect(outlookKey(recipient('unknown'), false)).toBe('outlook.unknown');
});

test('how far it is tells another attempt and doubt apart from failure', () => {
  const at = '2026-11-25T12:05:00Z';
  expect(progressKey(recipient('direct', { state: 'chosen', next_attempt_at: at }))).toBe('state.again');
  expect(progressKey(recipient('direct', { state: 'failed', in_doubt: true }))).toBe('state.in_doubt');
  expect(progressKey(recipient('direct', { state: 'failed' }))).toBe('state.failed');
  expect(progressKey(recipient('direct', { state: 'sent', host: 'mx' }))).toBe('state.sent.host');
});

const outcomeOf = (recipients: Recipient[], stands?: FilingView['stands']) =>
  outcome({ recipients, filing: stands ? { stands, sentence: null, said: null, maybe_there: false, place: null, next_attempt_at: null, system: null, earlier: [] } : null });

test('the outcome is "sent" only where everybody has it', () => {
  const states = (...all: State[]) => all.map((state) => recipient('direct', { state }));
  expect(outcomeOf(states('sent', 'sent'))).toBe('all');
  expect(outcomeOf(states('sent', 'failed'))).toBe('some');
  expect(outcomeOf(states('sent', 'withdrawn'))).toBe('some');
  expect(outcomeOf(states('failed', 'waiting'))).toBe('none');
  expect(outcomeOf(states('chosen', 'failed'))).toBe('later');
  const doubt = recipient('direct', { state: 'failed', in_doubt: true });
  expect(outcomeOf([...states('failed'), doubt])).toBe('doubt');
  expect(outcomeOf(states('withdrawn'))).toBe('withdrawn');
});

test('nothing is done where the record refused, or has not taken it yet', () => {
  const sent = [recipient('direct', { state: 'sent' })];
  const kept = [recipient('direct', { state: 'withdrawn' })];
  expect((['filed', 'due', 'refused'] as const).map((one) => outcomeOf(sent, one))).toEqual(['all', 'all_due', 'all_not_filed']);
  expect((['filed', 'due', 'refused'] as const).map((one) => outcomeOf(kept, one))).toEqual(['filed', 'filed_due', 'not_filed']);
  expect([outcomeOf(sent, 'after_sending'), outcomeOf(sent, 'stopped')]).toEqual(['all_due', 'all']);
  const failed = [...sent, recipient('direct', { state: 'failed' })];
  expect(outcomeOf(failed, 'filed')).toBe('some');
});

test('ordinary mail is for those without a safe way, and for all only where everybody has one', () => {
  const mixed = named(of('direct', 'no_way', 'unknown', 'refused', 'gateway'));
  expect(mixed).toEqual({
    plain: ['no_way@example.nl', 'refused@example.nl'],
    safe: ['direct@example.nl', 'gateway@example.nl'],
    unknown: ['unknown@example.nl'],
  });
  expect(named(of('direct', 'provider')).plain).toEqual(['direct@example.nl', 'provider@example.nl']);
  expect(named(of('no_way'))).toEqual({ plain: ['no_way@example.nl'], safe: [], unknown: [] });
  const sent = recipient('direct', { state: 'sent' });
  expect(named(question([sent, recipient('no_way')])).safe).toEqual([]);
});

test('where the server may have it, nobody is told that it did not go', () => {
  const doubt = (state: State) => recipient('direct', { state, in_doubt: true });
  const others: State[][] = [[], ['failed'], ['waiting'], ['withdrawn'], ['chosen']];
  for (const state of ['waiting', 'chosen', 'failed', 'withdrawn'] as const) {
    for (const other of others) {
      const all = [doubt(state), ...other.map((one) => recipient('direct', { state: one }))];
      expect(outcomeOf(all), `${state} ${other}`).toBe('doubt');
    }
  }
  expect(outcomeOf([doubt('withdrawn'), recipient('direct', { state: 'sent' })])).toBe('some');
  expect(outcomeOf([doubt('sent')])).toBe('all');
  expect(progressKey(doubt('withdrawn'))).toBe('state.in_doubt');
  expect(progressTone(doubt('withdrawn'))).toBe('attention');
  // A clock says "still coming": of what is not sent that would not be true.
  expect(progressTone(recipient('direct', { state: 'withdrawn' }))).toBe('open');
});

test('a threshold has the name of the nearest place', () => {
  expect([0, 0.3, 0.39, 0.5, 0.55, 0.7, 1].map(positionOf)).toEqual([
    'often', 'often', 'often', 'usual', 'usual', 'seldom', 'seldom',
  ]);
});
