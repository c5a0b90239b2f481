import { expect, test } from 'vitest';

import { pair } from '../src/files';
import { person } from '../src/names';

test('a name in a certificate is read as a person and their organisation', () => {
  expect(person('CN=J. Jansen, huisarts, O=Praktijk De Linde, C=NL')).toBe('J. Jansen, huisarts (Praktijk De Linde)');
  expect(person('C=NL, CN=Jansen')).toBe('Jansen');
  expect(person('O=Alleen de praktijk')).toBe('O=Alleen de praktijk');
  expect(person('')).toBe('');
});

test('of two files the signature comes first, and what has no such name stays in order', () => {
  const file = (name: string) => new File([], name);
  const names = (...all: string[]) => pair(all.map(file)).map((one) => one?.name);
  expect(names('brief.pdf', 'brief.pdf.P7S')).toEqual(['brief.pdf.P7S', 'brief.pdf']);
  expect(names('a.p7m', 'b.p7m')).toEqual(['a.p7m', 'b.p7m']);
  expect(names('a.eml', 'b.eml')).toEqual(['a.eml', 'b.eml']);
  expect(names('a.eml')).toEqual(['a.eml', undefined]);
});
