// The three named places on the slider, and which of them a value is nearest to.

export const POSITIONS = [
  { name: 'often', value: 0.3 },
  { name: 'usual', value: 0.5 },
  { name: 'seldom', value: 0.7 },
] as const;

export type Position = (typeof POSITIONS)[number]['name'];

export function positionOf(value: number): Position {
  const away = (one: (typeof POSITIONS)[number]) => Math.abs(one.value - value);
  return POSITIONS.reduce((best, one) => (away(one) < away(best) ? one : best)).name;
}
