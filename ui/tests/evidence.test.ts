import { expect, test } from 'vitest';

import type { Mark, Passage, Place, Run } from '../src/contract';
import { findings, groups, hasFirm } from '../src/question/evidence';

const mark = (finding: string | null, more: Partial<Mark> = {}): Mark => ({
  kind: 'medical', reason: 'medische term', finding, firm: false, dismissed: false, ...more,
});
const hit = (text: string, finding: string | null, more?: Partial<Mark>): Run => ({ text, mark: mark(finding, more) });
const passage = (place: Place, name: string | null, ...runs: Run[]): Passage => ({
  place, name, cut_before: false, cut_after: false, runs: [{ text: 'x ', mark: null }, ...runs],
});

test('subject and text stand together, then each file by its name', () => {
  const all = groups([
    passage('subject', null, hit('epilepsie', 'a')),
    passage('body', null, hit('CVA', 'b')),
    passage('attachment', 'brief.docx', hit('TIA', 'c')),
    passage('attachment', 'lijst.xlsx', hit('COPD', 'd')),
    passage('attachment', 'brief.docx', hit('HIV', 'e')),
    passage('file_name', null, hit('MRI', 'f')),
  ]);
  expect(all.map((one) => [one.place, one.name, one.found.map((found) => found.words)])).toEqual([
    ['mail', null, ['epilepsie', 'CVA']],
    ['attachment', 'brief.docx', ['TIA', 'HIV']],
    ['attachment', 'lijst.xlsx', ['COPD']],
    ['file_name', null, ['MRI']],
  ]);
});

test('a finding that stands in several places is listed once, where it stands first', () => {
  const all = groups([
    passage('body', null, hit('CVA', 'a', { dismissed: true }), hit('cva', 'a', { dismissed: true })),
    passage('attachment', 'brief.docx', hit('CVA', 'a', { dismissed: true })),
  ]);
  expect(all.map((one) => one.found.length)).toEqual([1, 0]);
});

test('what has no name of its own is told apart by its kind and words', () => {
  expect(findings([hit('CVA', null), hit('cva', null), hit('CVA', null, { kind: 'name' })])).toHaveLength(2);
});

test('words over a line end are read as one line', () => {
  expect(findings([hit(' dhr.\n Jansen', 'a')])[0]?.words).toBe('dhr. Jansen');
});

test('it is known whether something always counts', () => {
  expect(hasFirm(groups([passage('body', null, hit('CVA', 'a'))]))).toBe(false);
  expect(hasFirm(groups([passage('body', null, hit('123456782', 'b', { kind: 'bsn', firm: true }))]))).toBe(true);
});
