// Every word that a person reads, in both languages. Rust takes its own words from the same files.

import en from './catalogue/en.json';
import nl from './catalogue/nl.json';
import type { Language } from './contract';

type Base<K> = K extends `${infer Name}.other` ? Name : never;

export type Key = keyof typeof nl;
export type Plural = Base<Key>;
export type Values = Record<string, string | number>;

const catalogues: Record<Language, Record<Key, string>> = { nl, en };

export function isKey(key: string): key is Key {
  return Object.hasOwn(nl, key);
}

export function say(language: Language, key: Key, values: Values = {}): string {
  return catalogues[language][key].replace(/\{(\w+)\}/g, (whole, name: string) =>
    String(values[name] ?? whole),
  );
}

export function sayCount(language: Language, base: Plural, n: number, values: Values = {}): string {
  const key = `${base}.${n === 1 ? 'one' : 'other'}` as Key;
  return say(language, key, { n, ...values });
}
