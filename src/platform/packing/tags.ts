/**
 * The first byte of each packed value: what follows.
 */
export const tags = {
  null: 0,
  true: 1,
  false: 2,
  integer: 3,
  double: 4,
  text: 5,
  hex: 6,
  uuid: 7,
  decimal: 8,
  pair: 9,
  known: 10,
  path: 11,
  again: 12,
  list: 13,
  object: 14,
  /** As the text of JSON. */
  other: 15,
} as const;
