/** What the kernel knows of single bytes, and its function for numbers and literals. */
import {
  add,
  and,
  block,
  get,
  isEqual,
  isZero,
  leave,
  leaveIf,
  loadByte,
  loadWord,
  loop,
  number,
  or,
  returnIf,
  set,
  when,
  type Code,
} from "../../platform/webassembly/assembler.ts";

/** Classes of bytes, as bits. */
export const escaped = 1;
export const hexadecimal = 2;
export const blank = 4;
const digit = 8;

/** The class of each byte, as the module's memory begins. */
export function byteClasses(): Uint8Array {
  const classes = new Uint8Array(256);
  const mark = (bytes: string, bit: number): void => {
    for (const byte of Buffer.from(bytes)) classes[byte]! |= bit;
  };
  mark('"\\/bfnrt', escaped);
  mark("0123456789abcdefABCDEF", hexadecimal);
  mark(" \n\r\t", blank);
  mark("0123456789", digit);
  return classes;
}

export const unsure = number(-1);

const isByte = (address: Code, byte: number): Code => isEqual(loadByte(address), number(byte));
export const classOf = (address: Code, offset = 0): Code => loadByte(loadByte(address, offset), 0);
const isOf = (address: Code, bit: number): Code => and(classOf(address), number(bit));
export const move = (variable: number, count: number): Code =>
  set(variable, add(get(variable), number(count)));
export const skipWhile = (variable: number, bit: number): Code =>
  block(loop(leaveIf(isZero(isOf(get(variable), bit)), 1), move(variable, 1), leave(0)));

/** `number(at)`: the place behind the number or literal there. */
export function numberFunction() {
  const place = 0;
  const literal = (text: string): number => Buffer.from(text).readInt32LE(0);
  const digits: Code = [returnIf(isZero(isOf(get(place), digit)), unsure), skipWhile(place, digit)];
  const isWord = (text: string): Code => isEqual(loadWord(get(place), 0), number(literal(text)));
  const body: Code = [
    returnIf(or(isWord("true"), isWord("null")), add(get(place), number(4))),
    when(
      isWord("fals"),
      returnIf(isEqual(loadByte(get(place), 4), number(0x65)), add(get(place), number(5))),
    ),
    when(isByte(get(place), 0x2d), move(place, 1)),
    block(when(isByte(get(place), 0x30), move(place, 1), leave(1)), digits),
    when(isByte(get(place), 0x2e), move(place, 1), digits),
    when(
      isEqual(or(loadByte(get(place)), number(0x20)), number(0x65)),
      move(place, 1),
      when(or(isByte(get(place), 0x2b), isByte(get(place), 0x2d)), move(place, 1)),
      digits,
    ),
    get(place),
  ];
  return { parameters: 1, variables: [], body };
}
