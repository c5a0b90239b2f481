import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

import { say, sayCount } from '../src/catalogue';
import en from '../src/catalogue/en.json';
import nl from '../src/catalogue/nl.json';

const languages: Record<string, Record<string, string>> = { nl, en };
const keys = Object.keys(nl);

// What Rust takes from the catalogue: tray, notifications, window titles, report, troubles.
const RUST = /^(tray|notify|quit|came|report|said|standing|way|window)\.|^trust\.(done|by_hand)$|^step\.attempt$/;

const source = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.(svelte|ts)$/.test(name))
  .map((name) => readFileSync(`src/${name}`, 'utf8'))
  .join('\n');
const literals = new Set([...source.matchAll(/'([a-z_]+(?:\.[a-z_0-9]+)*)'/g)].map((one) => one[1]));
// `outlook.${...}` and word('outlook', ...) use every key that begins so.
const prefixes = [
  ...[...source.matchAll(/`([a-z_]+(?:\.[a-z_]+)*\.)\$\{/g)].map((one) => one[1]!),
  ...[...source.matchAll(/word\('([a-z_.]+)'/g)].map((one) => `${one[1]}.`),
];

const placeholders = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((one) => one[1]).sort();

test('both languages have the same keys in the same order', () => {
  expect(Object.keys(en)).toEqual(keys);
});

test('both languages have the same placeholders', () => {
  for (const key of keys) {
    // The singular may say "one" in words.
    const both = [nl, en].map((one) => placeholders((one as Record<string, string>)[key]!));
    expect(both[0], key).toEqual(both[1]);
  }
});

test('no text is empty, and none carries markup', () => {
  for (const [language, texts] of Object.entries(languages)) {
    for (const [key, text] of Object.entries(texts)) {
      expect(text.trim(), `${language} ${key}`).toBe(text);
      expect(text.length, `${language} ${key}`).toBeGreaterThan(0);
      expect(text, `${language} ${key}`).not.toMatch(/<\w|&\w+;/);
    }
  }
});

test('plurals come in pairs', () => {
  for (const key of keys) {
    const other = key.replace(/\.(one|other)$/, (end) => (end === '.one' ? '.other' : '.one'));
    expect(keys, key).toContain(other);
  }
});

test('no key is unused', () => {
  const unused = keys.filter((key) => {
    const base = key.replace(/\.(one|other)$/, '');
    const used = literals.has(key) || literals.has(base);
    return !used && !RUST.test(key) && !prefixes.some((prefix) => key.startsWith(prefix));
  });
  expect(unused).toEqual([]);
});

test('values stand where their names were, and unknown names stay', () => {
  expect(say('en', 'question.counter', { n: 1, of: 3 })).toBe('1 of 3');
  expect(say('nl', 'question.counter', { n: 1 })).toBe('1 van {of}');
  expect(sayCount('nl', 'tray.waiting', 1)).toBe('1 mail wacht op uw keuze');
  expect(sayCount('en', 'tray.waiting', 4)).toBe('4 mails are waiting for your choice');
});
