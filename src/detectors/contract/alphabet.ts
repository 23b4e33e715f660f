/** Sets of bytes, as tables: what a token of some kind consists of. */

/** 1 for each byte that belongs to it. */
export type Alphabet = Uint8Array;

/** From ranges as in a bracket expression of a regular expression: "A-Za-z0-9_". A `-` that is meant stands last. */
export function alphabet(ranges: string): Alphabet {
  const table = new Uint8Array(256);
  for (let at = 0; at < ranges.length; at += 1) {
    const from = ranges.charCodeAt(at);
    const is_range = ranges[at + 1] === "-" && at + 2 < ranges.length;
    const to = is_range ? ranges.charCodeAt(at + 2) : from;
    table.fill(1, from, to + 1);
    if (is_range) at += 2;
  }
  return table;
}

/** All bytes but these. */
export function allBut(ranges: string): Alphabet {
  return alphabet(ranges).map((each) => 1 - each);
}

export const digits = alphabet("0-9");
export const hex = alphabet("0-9a-fA-F");
export const alphanumeric = alphabet("A-Za-z0-9");
/** What a name of a key, a parameter or a header consists of. */
export const name_bytes = alphabet("A-Za-z0-9_.-");
export const base64 = alphabet("A-Za-z0-9+/=");
export const base64url = alphabet("A-Za-z0-9_=-");
/** token68 (RFC 9110, 11.2), with the dot of JSON web tokens, and what a percent-encoded one needs. */
export const token = alphabet("A-Za-z0-9._~+/=%-");
/** What ends no unquoted value: a query parameter, a word of a command line. */
export const word = allBut("\x00- \"'`,;&<>(){}[]\\|\x7f");
export const blanks = alphabet(" \t");
export const blanks_and_breaks = alphabet(" \t\r\n");
export const line = allBut("\r\n");
