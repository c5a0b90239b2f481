// The mail programs, what a person does in each, and the window that the picture shows.

import type { Key } from '../catalogue';
import type { GuideFile } from '../contract';

export const PROGRAMS = ['outlook', 'thunderbird', 'apple', 'another'] as const;
export type Program = (typeof PROGRAMS)[number];

interface Guide {
  steps: Key[];
  /** The step for the incoming server, where that is Zorgzegel too. */
  incoming: Key;
  /** How many steps come before it: what closes the window comes after. */
  incomingAt: number;
  /** The file that helps, where the program takes one. */
  file: GuideFile | null;
}

export const GUIDES: Record<Program, Guide> = {
  outlook: {
    steps: ['outlook.1', 'outlook.2', 'outlook.3', 'outlook.4', 'outlook.5'],
    incoming: 'outlook.in',
    incomingAt: 4,
    file: null,
  },
  thunderbird: {
    steps: ['thunderbird.1', 'thunderbird.2', 'thunderbird.3', 'thunderbird.4', 'thunderbird.5'],
    incoming: 'thunderbird.in',
    incomingAt: 5,
    file: 'thunderbird',
  },
  apple: { steps: ['apple.1', 'apple.2', 'apple.3', 'apple.4'], incoming: 'apple.in', incomingAt: 3, file: 'apple' },
  another: { steps: ['another.1', 'another.2', 'another.3'], incoming: 'another.in', incomingAt: 2, file: null },
};
