/**
 * The scan's WebAssembly module, put together from its instructions: no compiler is needed for one function, and nothing but
 * this text is shipped.
 *
 *     next(from, end, factor) -> place of the next fingerprint, or -1
 *
 * It looks at 16 places at once. Of each byte the low and the high half choose from a table of 16 sets of groups; a place is
 * worth a look where some group is in all six sets, for its byte and the two behind it (Teddy, of Intel's Hyperscan). There the
 * four bytes are looked up in the table of fingerprints.
 */
import { bucket_shift } from "../scan/key-table.ts";
import { folds } from "../scan/fingerprints.ts";

/** Where things are in its memory. The six tables come first. */
export const keys_address = 4096;
export const window_address = 65_536;
/** The longest piece that is scanned at once, and the bytes behind it that are read and do not count. */
export const window_bytes = 65_536;
const pages = 3;

/** Bytes of a module, nested as its parts are. */
type Code = readonly (number | Code)[];

const i32 = 0x7f;
const v128 = 0x7b;
const nothing = 0x40;

/** Variables of the function: its parameters, then its own. */
const [from, end, factor, candidates, place, key, bucket, sets] = [0, 1, 2, 3, 4, 5, 6, 7];

function unsigned(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...unsigned(value >>> 7)];
}

function signed(value: number): number[] {
  const low = value & 127;
  const rest = value >> 7;
  const is_last = (rest === 0 && (low & 64) === 0) || (rest === -1 && (low & 64) !== 0);
  return is_last ? [low] : [low | 128, ...signed(rest)];
}

const get = (variable: number): Code => [0x20, variable];
const set = (variable: number, ...value: Code[]): Code => [value, 0x21, variable];
const number = (value: number): Code => [0x41, signed(value)];
const add = (a: Code, b: Code): Code => [a, b, 0x6a];
const bitwiseAnd = (a: Code, b: Code): Code => [a, b, 0x71];
const isEqual = (a: Code, b: Code): Code => [a, b, 0x46];
const loadWord = (address: Code, offset: number): Code => [address, 0x28, 0, unsigned(offset)];
const block = (...body: Code[]): Code => [0x02, nothing, body, 0x0b];
const loop = (...body: Code[]): Code => [0x03, nothing, body, 0x0b];
const leave = (depth: number): Code => [0x0c, depth];
const leaveIf = (condition: Code, depth: number): Code => [condition, 0x0d, depth];
const returnIf = (condition: Code, value: Code): Code => [
  condition,
  0x04,
  nothing,
  value,
  0x0f,
  0x0b,
];

const vector = (opcode: number): Code => [0xfd, unsigned(opcode)];
const loadVector = (address: Code, offset: number): Code => [
  address,
  vector(0x00),
  0,
  unsigned(offset),
];
const splat = (value: number): Code => [number(value), vector(0x0f)];
const swizzle = (table: Code, halves: Code): Code => [table, halves, vector(0x0e)];
const both = (a: Code, b: Code): Code => [a, b, vector(0x4e)];

/** The groups that the byte at this distance leaves possible. */
function groupsAt(distance: number): Code {
  const bytes = loadVector(get(from), distance);
  const low = swizzle(loadVector(number(0), 32 * distance), both(bytes, splat(15)));
  const high = swizzle(loadVector(number(0), 32 * distance + 16), [bytes, number(4), vector(0x6d)]);
  return both(low, high);
}

/** Whether fewer than four bytes are left there. */
const isTooLate = (at: Code): Code => [add(at, number(4)), get(end), 0x4a];

const lookAtCandidates = block(
  loop(
    leaveIf([get(candidates), 0x45], 1),
    set(place, add(get(from), [get(candidates), 0x68])),
    leaveIf(isTooLate(get(place)), 1),
    set(key, [loadWord(get(place), 0), number(folds), 0x72]),
    set(bucket, [get(key), get(factor), 0x6c, number(bucket_shift), 0x76, number(3), 0x74]),
    returnIf(isEqual(loadWord(get(bucket), keys_address), get(key)), get(place)),
    returnIf(isEqual(loadWord(get(bucket), keys_address + 4), get(key)), get(place)),
    set(candidates, bitwiseAnd(get(candidates), [get(candidates), number(1), 0x6b])),
    leave(0),
  ),
);

const body: Code = [
  block(
    loop(
      leaveIf(isTooLate(get(from)), 1),
      set(sets, both(both(groupsAt(0), groupsAt(1)), groupsAt(2))),
      set(candidates, [get(sets), splat(0), vector(0x24), vector(0x64)]),
      lookAtCandidates,
      set(from, add(get(from), number(16))),
      leave(0),
    ),
  ),
  number(-1),
];

function section(id: number, ...content: Code[]): Code {
  const bytes = flat(content);
  return [id, unsigned(bytes.length), bytes];
}

function flat(code: Code): number[] {
  return code.flatMap((each) => (typeof each === "number" ? [each] : flat(each)));
}

function named(name: string): Code {
  return [name.length, Array.from(name, (each) => each.charCodeAt(0))];
}

/** The module: one memory, which it gives out, and one function. */
export function moduleBytes(): Uint8Array<ArrayBuffer> {
  const variables = [2, 4, i32, 1, v128];
  const code = flat([variables, body, 0x0b]);
  return Uint8Array.from(
    flat([
      [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      section(1, [1, 0x60, 3, i32, i32, i32, 1, i32]),
      section(3, [1, 0]),
      section(5, [1, 0x00, pages]),
      section(7, [2, named("memory"), 0x02, 0, named("next"), 0x00, 0]),
      section(10, [1, unsigned(code.length), code]),
    ]),
  );
}
