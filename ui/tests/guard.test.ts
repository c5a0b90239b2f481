import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { Guard, QUIET_MS } from '../src/question/guard';

beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => vi.useRealTimers());

const key = (name: string) => ({ type: 'keydown', key: name });

function raised() {
  const seen: boolean[] = [];
  const guard = new Guard((stands) => seen.push(stands));
  guard.raise();
  return { guard, seen };
}

test('nothing counts for 700 ms after the question appears', () => {
  const { guard, seen } = raised();
  expect(QUIET_MS).toBe(700);
  vi.advanceTimersByTime(699);
  expect(guard.stands).toBe(true);
  expect(guard.swallows({ type: 'click' })).toBe(true);
  vi.advanceTimersByTime(1);
  expect(guard.stands).toBe(false);
  expect(guard.swallows(key('Enter'))).toBe(false);
  expect(seen).toEqual([true, false]);
});

test('a key pressed in that time begins it anew', () => {
  const { guard } = raised();
  vi.advanceTimersByTime(600);
  expect(guard.swallows(key('Enter'))).toBe(true);
  vi.advanceTimersByTime(600);
  expect(guard.swallows(key('Enter'))).toBe(true);
  vi.advanceTimersByTime(700);
  expect(guard.swallows(key('Enter'))).toBe(false);
});

test('a click or a modifier in that time is swallowed without more', () => {
  const { guard } = raised();
  vi.advanceTimersByTime(600);
  expect(guard.swallows(key('Shift'))).toBe(true);
  expect(guard.swallows({ type: 'click' })).toBe(true);
  vi.advanceTimersByTime(100);
  expect(guard.stands).toBe(false);
});

test('another message raises it again', () => {
  const { guard, seen } = raised();
  vi.advanceTimersByTime(700);
  guard.raise();
  expect(guard.swallows({ type: 'click' })).toBe(true);
  vi.advanceTimersByTime(700);
  expect(seen).toEqual([true, false, true, false]);
});

test('what is about to be replaced takes nothing, however long, and is quiet after', () => {
  const { guard, seen } = raised();
  vi.advanceTimersByTime(700);
  guard.hold();
  guard.raise();
  vi.advanceTimersByTime(10_000);
  expect(guard.swallows(key('Enter'))).toBe(true);
  expect(guard.swallows({ type: 'click' })).toBe(true);
  guard.release();
  expect(guard.swallows({ type: 'click' })).toBe(true);
  vi.advanceTimersByTime(700);
  expect(guard.stands).toBe(false);
  expect(seen.at(-1)).toBe(false);
});

test('a page that is gone hears nothing more', () => {
  const { guard, seen } = raised();
  guard.drop();
  vi.advanceTimersByTime(2_000);
  expect(seen).toEqual([true]);
});
