// The catalogue in the language of the moment: what calls these is drawn again when it changes.

import { isKey, say, sayCount, type Key, type Plural, type Values } from './catalogue';
import type { Language } from './contract';

const now = $state<{ language: Language }>({ language: 'nl' });

export function speak(language: Language): void {
  now.language = language;
  document.documentElement.lang = language;
}

export function t(key: Key, values?: Values): string {
  return say(now.language, key, values);
}

export function tn(base: Plural, n: number, values?: Values): string {
  return sayCount(now.language, base, n, values);
}

/** A code of the contract in words; a code that is newer than the catalogue stays itself. */
export function word(group: string, code: string): string {
  const key = `${group}.${code}`;
  return isKey(key) ? t(key) : code;
}

const locale = () => (now.language === 'nl' ? 'nl-NL' : 'en-GB');

export function clock(time: string): string {
  return new Date(time).toLocaleTimeString(locale(), { hour: '2-digit', minute: '2-digit' });
}

/** A time as a person says it: today's by the clock alone. */
export function when(time: string): string {
  const date = new Date(time);
  const days = Math.round((midnight(new Date()) - midnight(date)) / 86_400_000);
  if (days === 0) return t('when.today', { time: clock(time) });
  if (days === 1) return t('when.yesterday', { time: clock(time) });
  if (days === -1) return t('when.tomorrow', { time: clock(time) });
  return t('when.day', { day: day(time), time: clock(time) });
}

export function day(time: string): string {
  return new Date(time).toLocaleDateString(locale(), {
    day: 'numeric',
    month: 'long',
    year: 'numeric',
  });
}

export function decimal(value: number): string {
  return value.toLocaleString(locale(), { minimumFractionDigits: 2, maximumFractionDigits: 2 });
}

/** A size as a person says it. */
export function size(bytes: number): string {
  const whole = (n: number) => n.toLocaleString(locale(), { maximumFractionDigits: 1 });
  if (bytes < 1000) return t('size.bytes', { n: bytes });
  if (bytes < 1_000_000) return t('size.kb', { n: whole(Math.round(bytes / 1000)) });
  return t('size.mb', { n: whole(bytes / 1_000_000) });
}

function midnight(date: Date): number {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}
