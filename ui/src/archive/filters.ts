// From what a person picks to what is looked for.

import type { Wanted } from '../contract';

export const PERIODS = ['always', 'week', 'month', 'year', 'own'] as const;
export type Period = (typeof PERIODS)[number];

export interface Filters {
  words: string;
  /** Empty: every account. */
  account: string;
  direction: 'both' | 'sent' | 'received';
  period: Period;
  /** The first and the last day of an own period, as a date field has them; empty: open. */
  from: string;
  to: string;
}

export const none: Filters = { words: '', account: '', direction: 'both', period: 'always', from: '', to: '' };

/** Whether something narrows the list. */
export function narrowed(filters: Filters): boolean {
  const { since, until, words, account, direction } = wanted(filters, 0, new Date(0));
  return words !== '' || account !== null || direction !== null || since !== null || until !== null;
}

/** Where a list goes on: a place in it says nothing of another list. */
export function cursor(asked: Filters, filters: Filters, next: number | null): number | null {
  return JSON.stringify(asked) === JSON.stringify(filters) ? next : null;
}

/** Days begin at midnight where the person is; the last day of a period belongs to it. */
export function wanted(filters: Filters, number: number, now: Date, after: number | null = null): Wanted {
  const { since, until } = bounds(filters, now);
  return {
    number,
    words: filters.words.trim(),
    account: filters.account || null,
    direction: filters.direction === 'both' ? null : filters.direction,
    since: since?.toISOString() ?? null,
    until: until?.toISOString() ?? null,
    after,
  };
}

function bounds({ period, from, to }: Filters, now: Date): { since?: Date | undefined; until?: Date | undefined } {
  const ago = (years: number, months: number, days: number) =>
    new Date(now.getFullYear() - years, now.getMonth() - months, now.getDate() - days);
  switch (period) {
    case 'week':
      return { since: ago(0, 0, 7) };
    case 'month':
      return { since: ago(0, 1, 0) };
    case 'year':
      return { since: ago(1, 0, 0) };
    case 'own':
      return { since: midnight(from), until: midnight(to, 1) };
    default:
      return {};
  }
}

/** The beginning of a day, or of one some days later; none where it is no day. */
function midnight(text: string, later = 0): Date | undefined {
  const parts = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  return parts ? new Date(Number(parts[1]), Number(parts[2]) - 1, Number(parts[3]) + later) : undefined;
}
