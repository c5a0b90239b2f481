// What was found, file by file, each finding once. No page in here: the rules are tested by
// themselves.

import type { Mark, Passage, Run } from '../contract';

export interface Found {
  key: string;
  words: string;
  mark: Mark;
}

/** The mail itself, the names of its files, or one file. */
export interface Group {
  place: 'mail' | 'file_name' | 'attachment';
  name: string | null;
  passages: Passage[];
  found: Found[];
}

/** What stands together: the mail, then file by file, in the order of the message. */
export function groups(passages: Passage[]): Group[] {
  const all: Group[] = [];
  const seen = new Set<string>();
  for (const passage of passages) {
    const place = passage.place === 'subject' || passage.place === 'body' ? 'mail' : passage.place;
    const name = place === 'attachment' ? passage.name : null;
    let group = all.find((one) => one.place === place && one.name === name);
    if (!group) {
      group = { place, name, passages: [], found: [] };
      all.push(group);
    }
    group.passages.push(passage);
    group.found.push(...findings(passage.runs, seen));
  }
  return all;
}

/** Each finding once; those that were seen before are left out. */
export function findings(runs: Run[], seen = new Set<string>()): Found[] {
  const found: Found[] = [];
  for (const { text, mark } of runs) {
    if (!mark) continue;
    const key = mark.finding ?? `${mark.kind} ${text.toLowerCase()}`;
    if (seen.has(key)) continue;
    seen.add(key);
    found.push({ key, words: text.replace(/\s+/g, ' ').trim(), mark });
  }
  return found;
}

/** Whether something was found that always counts. */
export function hasFirm(all: Group[]): boolean {
  return all.some((group) => group.found.some((one) => one.mark.firm));
}
