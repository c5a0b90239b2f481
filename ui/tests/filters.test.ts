import { expect, test } from 'vitest';

import { cursor, narrowed, none, wanted } from '../src/archive/filters';

const now = new Date(2026, 10, 26, 9, 42);

test('nothing picked looks for everything', () => {
  expect(narrowed(none)).toBe(false);
  expect(narrowed({ ...none, words: '   ' })).toBe(false);
  expect(wanted(none, 3, now)).toEqual({
    number: 3, words: '', account: null, direction: null, since: null, until: null, after: null,
  });
});

test('a period goes back from today, at midnight where the person is', () => {
  const since = (period: typeof none.period) => wanted({ ...none, period }, 1, now).since;
  expect(since('week')).toBe(new Date(2026, 10, 19).toISOString());
  expect(since('month')).toBe(new Date(2026, 9, 26).toISOString());
  expect(since('year')).toBe(new Date(2025, 10, 26).toISOString());
});

test('the last day of an own period belongs to it, and a day that is none is open', () => {
  const own = { ...none, period: 'own', from: '2026-02-01', to: '2026-02-28' } as const;
  const { since, until } = wanted(own, 1, now);
  expect([since, until]).toEqual([new Date(2026, 1, 1).toISOString(), new Date(2026, 2, 1).toISOString()]);
  expect(wanted({ ...own, from: '', to: 'x' }, 1, now)).toMatchObject({ since: null, until: null });
  expect(narrowed({ ...own, to: '' })).toBe(true);
});

test('a place in one list is none in another', () => {
  expect(cursor({ ...none, words: 'knie' }, { ...none, words: 'knie' }, 41)).toBe(41);
  expect(cursor({ ...none, words: 'knie' }, { ...none, words: 'kni' }, 41)).toBe(null);
  expect(cursor(none, { ...none, period: 'week' }, 41)).toBe(null);
});
