/**
 * WebAssembly from its instructions: no compiler is needed for a few functions, and nothing but this text is shipped.
 *
 * Code is nested as the parts of a module are, and put in a row at the end.
 */

/** Bytes of a module. */
export type Code = readonly (number | Code)[];

export const i32 = 0x7f;
export const i64 = 0x7e;
export const v128 = 0x7b;
const nothing = 0x40;

const vector_bytes = 16;

export function unsigned(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...unsigned(value >>> 7)];
}

function signed(value: number): number[] {
  const byte = value & 127;
  const rest = value >> 7;
  const is_last = (rest === 0 && (byte & 64) === 0) || (rest === -1 && (byte & 64) !== 0);
  return is_last ? [byte] : [byte | 128, ...signed(rest)];
}

export const get = (variable: number): Code => [0x20, variable];
export const set = (variable: number, ...value: Code): Code => [value, 0x21, variable];
export const number = (value: number): Code => [0x41, signed(value)];
export const long = (value: number): Code => [0x42, signed(value)];
export const add = (a: Code, b: Code): Code => [a, b, 0x6a];
export const and = (a: Code, b: Code): Code => [a, b, 0x71];
export const or = (a: Code, b: Code): Code => [a, b, 0x72];
export const shiftLeft = (a: Code, b: Code): Code => [a, b, 0x74];
export const shiftRight = (a: Code, b: Code): Code => [a, b, 0x76];
export const isZero = (value: Code): Code => [value, 0x45];
export const isEqual = (a: Code, b: Code): Code => [a, b, 0x46];
export const isOther = (a: Code, b: Code): Code => [a, b, 0x47];
/** Without signs. */
export const isAbove = (a: Code, b: Code): Code => [a, b, 0x4b];
export const loadWord = (address: Code, offset: number): Code => [
  address,
  0x28,
  0,
  unsigned(offset),
];
export const storeWord = (address: Code, offset: number, value: Code): Code => [
  address,
  value,
  0x36,
  0,
  unsigned(offset),
];
export const loadByte = (address: Code, offset = 0): Code => [address, 0x2d, 0, unsigned(offset)];
export const storeByte = (address: Code, offset: number, value: Code): Code => [
  address,
  value,
  0x3a,
  0,
  unsigned(offset),
];
export const block = (...body: Code[]): Code => [0x02, nothing, body, 0x0b];
export const loop = (...body: Code[]): Code => [0x03, nothing, body, 0x0b];
/** Counts as a block where something inside is left. */
export const when = (condition: Code, ...body: Code[]): Code => [
  condition,
  0x04,
  nothing,
  body,
  0x0b,
];
/** Out of a block, or to the start of a loop, so many blocks and loops further out. */
export const leave = (depth: number): Code => [0x0c, depth];
export const leaveIf = (condition: Code, depth: number): Code => [condition, 0x0d, depth];
export const giveBack = (value: Code): Code => [value, 0x0f];
export const returnIf = (condition: Code, value: Code): Code => when(condition, giveBack(value));
export const call = (index: number, ...values: Code[]): Code => [values, 0x10, index];

export const vector = (opcode: number): Code => [0xfd, unsigned(opcode)];
export const loadVector = (address: Code, offset: number): Code => [
  address,
  vector(0x00),
  0,
  unsigned(offset),
];
export const splat = (value: number): Code => [number(value), vector(0x0f)];
/** The relaxed one, since halves of bytes are below 16, where both do the same. */
export const swizzle = (table: Code, halves: Code): Code => [table, halves, vector(0x100)];
export const both = (a: Code, b: Code): Code => [a, b, vector(0x4e)];
export const either = (a: Code, b: Code): Code => [a, b, vector(0x50)];
export const sameBytes = (a: Code, b: Code): Code => [a, b, vector(0x23)];
/** With signs: bytes beyond ASCII are below 0. */
export const bytesBelow = (a: Code, b: Code): Code => [a, b, vector(0x25)];
/** A bit for each byte whose highest bit is set. */
export const bitsOf = (bytes: Code): Code => [bytes, vector(0x64)];
/** The last bytes of one vector, and behind them the first of the next. */
export const across = (before: Code, now: Code, count: number): Code => [
  before,
  now,
  vector(0x0d),
  Array.from({ length: vector_bytes }, (_, lane) => vector_bytes - count + lane),
];

/** A function of 32-bit integers that gives one back. */
export interface AssembledFunction {
  /** By this name it is given out; undefined for one that only others call. */
  readonly name?: string;
  readonly parameters: number;
  /** Variables beside the parameters, in the order of their numbers: how many of which type. */
  readonly variables: readonly (readonly [count: number, type: number])[];
  readonly body: Code;
}

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

/** The module: one memory, which it gives out as `memory`, and the functions, which call each other by their places here. */
export function assemble(
  pages: number,
  functions: readonly AssembledFunction[],
): Uint8Array<ArrayBuffer> {
  const count = functions.length;
  const types = functions.map(({ parameters }) => [
    0x60,
    parameters,
    Array.from({ length: parameters }, () => i32),
    1,
    i32,
  ]);
  const given = functions.flatMap(({ name }, index) =>
    name === undefined ? [] : [[named(name), 0x00, index]],
  );
  const bodies = functions.map(({ variables, body }) => {
    const code = flat([variables.length, variables.flat(), body, 0x0b]);
    return [unsigned(code.length), code];
  });
  return Uint8Array.from(
    flat([
      [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      section(1, [count, types]),
      section(3, [count, functions.map((_, index) => index)]),
      section(5, [1, 0x00, pages]),
      section(7, [1 + given.length, named("memory"), 0x02, 0, given]),
      section(10, [count, bodies]),
    ]),
  );
}
