/**
 * The WebAssembly module that proves a record to be one valid JSON value, strings 16 bytes at a time.
 *
 *     check(end, lengths) -> bytes of rows, or -1 for whatever it is not sure of
 *
 * It knows less than the walker, which decides what it gives up: records with bytes beyond ASCII, with more levels, or that are
 * no JSON. Of an object at the top it writes a row for each member whose key has one of the wanted lengths: where its key begins
 * and ends, where its value begins and ends, and whether that is a plain string. A NUL behind the record stops whatever
 * looks for its next byte, so that nothing has to ask for the end.
 */
import {
  add,
  and,
  assemble,
  bitsOf,
  block,
  bytesBelow,
  call,
  either,
  get,
  giveBack,
  i32,
  i64,
  isAbove,
  isEqual,
  isOther,
  isZero,
  leave,
  loadByte,
  loadVector,
  long,
  loop,
  number,
  or,
  returnIf,
  sameBytes,
  set,
  shiftRight,
  splat,
  storeByte,
  storeWord,
  v128,
  when,
  type Code,
} from "../../platform/webassembly/assembler.ts";
import {
  blank,
  classOf,
  escaped,
  hexadecimal,
  move,
  numberFunction,
  skipWhile,
  unsure,
} from "./bytes.ts";

/** Where things are in its memory. The classes of bytes come first. */
const levels_address = 256;
export const rows_address = 1024;
export const window_address = 8192;
/** The longest record that is looked at. */
export const window_bytes = 112 * 1024;
const pages = 2;

export const row_words = 5;
const row_bytes = 4 * row_words;
const rows_max = 256;
const levels_max = 512;
const vector_bytes = 16;
/** Looked at at once. */
const block_bytes = 4 * vector_bytes;

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const colon = 0x3a;
const open_brace = 0x7b;
const close_brace = 0x7d;
/** As 64 bits. */
const widened = (value: Code): Code => [value, 0xad];

/** The place of `number` in the module. */
const number_function = 1;

/** The variables of `check`: its parameters, then its own, which are 0 at first. */
const [end, lengths, at, byte, depth, row, key_start, is_open, wants_key, plain, result, base] = [
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11,
];
const words = 10;
const [hits, rest, bytes] = [12, 13, 14];

/** Words of a row, by their places in it. */
export const row_places = { key_start: 0, key_end: 1, start: 2, end: 3, plain: 4 } as const;

const skipBlanks: Code = when(
  isZero(isAbove(loadByte(get(at)), number(0x20))),
  skipWhile(at, blank),
);
/** A bit for each of 16 bytes that does not simply belong to a string. Bytes beyond ASCII are below 0. */
function hitsOf(vector_number: number): Code {
  const [quotes, backslashes] = [quote, backslash].map((each) =>
    sameBytes(get(bytes), splat(each)),
  );
  return [
    set(bytes, loadVector(get(base), vector_bytes * vector_number)),
    bitsOf(either(either(quotes!, backslashes!), bytesBelow(get(bytes), splat(0x20)))),
  ];
}

/** The same for 64 bytes from `base` on: all of them at once, so that no string waits for the end of the one before. */
const lookAhead: Code = [
  set(base, get(at)),
  set(
    hits,
    [0, 1, 2, 3].map((each) => {
      const shifted = [widened(hitsOf(each)), long(vector_bytes * each), 0x86];
      return each === 0 ? shifted : [shifted, 0x84];
    }),
  ),
];

const is_hexadecimal = [2, 3, 4, 5].reduce<Code>(
  (all, offset) => and(all, classOf(get(at), offset)),
  number(hexadecimal),
);

/** Goes over an escape, and on with the string. */
const passEscape: Code = [
  returnIf(isOther(get(byte), number(backslash)), unsure),
  set(plain, number(0)),
  when(and(classOf(get(at), 1), number(escaped)), move(at, 2), leave(2)),
  returnIf(isOther(loadByte(get(at), 1), number(0x75)), unsure),
  returnIf(isZero(is_hexadecimal), unsure),
  move(at, 6),
  leave(1),
];

/** Goes from a string's opening quote to behind its end, and notes whether it is plain. */
const readString: Code = [
  move(at, 1),
  set(plain, number(1)),
  loop(
    when(isAbove([get(at), get(base), 0x6b], number(block_bytes - 1)), lookAhead),
    set(rest, get(hits), widened([get(at), get(base), 0x6b]), 0x88),
    when([get(rest), 0x50], set(at, add(get(base), number(block_bytes))), leave(1)),
    set(at, add(get(at), [get(rest), 0x7a, 0xa7])),
    set(byte, loadByte(get(at))),
    when(isOther(get(byte), number(quote)), passEscape),
  ),
  move(at, 1),
];
const isTop = isEqual(get(depth), number(1));
const hasOpenRow = and(get(is_open), isTop);
/** What ends the container that it is in. */
const closer = loadByte(get(depth), levels_address - 1);
const store = (place: keyof typeof row_places, value: Code): Code =>
  storeWord(get(row), 4 * row_places[place], value);

/** Begins the row of a member at the top, whose key has just been read, where its length is wanted. */
const beginRow: Code = when(
  isTop,
  // A key with escapes may be any key.
  returnIf(isZero(get(plain)), unsure),
  when(
    and(shiftRight(get(lengths), [get(at), get(key_start), 0x6b, number(2), 0x6b]), number(1)),
    returnIf(isEqual(get(row), number(rows_address + rows_max * row_bytes)), unsure),
    store("key_start", get(key_start)),
    store("key_end", get(at)),
    store("plain", number(0)),
    set(is_open, number(1)),
  ),
);

const readKey: Code = when(
  get(wants_key),
  set(wants_key, number(0)),
  returnIf(isOther(loadByte(get(at)), number(quote)), unsure),
  set(key_start, get(at)),
  readString,
  beginRow,
  skipBlanks,
  returnIf(isOther(loadByte(get(at)), number(colon)), unsure),
  move(at, 1),
  skipBlanks,
  when(hasOpenRow, store("start", get(at))),
);

/** Reads a value, or goes on in the outer loop where a container opens that is not empty. */
const readValue: Code = block(
  set(byte, loadByte(get(at))),
  when(
    isEqual(get(byte), number(quote)),
    readString,
    when(hasOpenRow, store("plain", get(plain))),
    leave(1),
  ),
  when(
    // Both that open a container: they differ in this bit.
    isEqual(or(get(byte), number(0x20)), number(open_brace)),
    returnIf(isEqual(get(depth), number(levels_max)), unsure),
    storeByte(get(depth), levels_address, add(get(byte), number(2))),
    move(at, 1),
    skipBlanks,
    when(isEqual(loadByte(get(at)), add(get(byte), number(2))), move(at, 1), leave(2)),
    move(depth, 1),
    set(wants_key, isEqual(get(byte), number(open_brace))),
    leave(2),
  ),
  set(result, call(number_function, get(at))),
  returnIf(isEqual(get(result), unsure), unsure),
  set(at, get(result)),
);

/** Closes what ends behind a value, up to the comma before the next one, with which the outer loop goes on. */
const endValue: Code = loop(
  when(hasOpenRow, store("end", get(at)), move(row, row_bytes), set(is_open, number(0))),
  skipBlanks,
  when(
    isZero(get(depth)),
    returnIf(isOther(get(at), get(end)), unsure),
    giveBack([get(row), number(rows_address), 0x6b]),
  ),
  set(byte, loadByte(get(at))),
  when(
    isEqual(get(byte), number(comma)),
    move(at, 1),
    skipBlanks,
    set(wants_key, isEqual(closer, number(close_brace))),
    leave(2),
  ),
  returnIf(isOther(get(byte), closer), unsure),
  move(at, 1),
  move(depth, -1),
  leave(0),
);

const check = {
  name: "check",
  parameters: 2,
  variables: [
    [words, i32],
    [2, i64],
    [1, v128],
  ],
  body: [
    set(at, number(window_address)),
    set(row, number(rows_address)),
    skipBlanks,
    loop(readKey, readValue, endValue),
    unsure,
  ],
} as const;

/** One memory, and the function. */
export function moduleBytes(): Uint8Array<ArrayBuffer> {
  return assemble(pages, [check, numberFunction()]);
}
