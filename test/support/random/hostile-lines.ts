/** Lines that attack whoever reads them: mutated audit events and random bytes, the same for the same seed. */
import { wekaEvent } from "../../../src/cli/demo/weka-events.ts";

/** A small generator of random numbers in [0, 1) (mulberry32), so that a failing run can be repeated. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Mutation = (line: Buffer, random: () => number) => Buffer;

const mutations: Mutation[] = [
  // One bit is flipped.
  (line, random) => {
    const copy = Buffer.from(line);
    const at = Math.floor(random() * copy.length);
    copy[at] = copy[at]! ^ (1 << Math.floor(random() * 8));
    return copy;
  },
  // The line breaks off.
  (line, random) => line.subarray(0, 1 + Math.floor(random() * (line.length - 1))),
  // A piece is missing.
  (line, random) => {
    const at = Math.floor(random() * line.length);
    return Buffer.concat([line.subarray(0, at), line.subarray(at + 1 + Math.floor(random() * 20))]);
  },
  // A piece comes twice.
  (line, random) => {
    const at = Math.floor(random() * line.length);
    return Buffer.concat([line.subarray(0, at), line.subarray(Math.floor(random() * at))]);
  },
  // Bytes that no UTF-8 text has.
  (line, random) => {
    const at = Math.floor(random() * line.length);
    const bytes = [
      [0xff],
      [0xc3],
      [0xe2, 0x82],
      [0xc0, 0xaf],
      [0xed, 0xa0, 0x80],
      [0xf5, 0x80, 0x80, 0x80],
    ];
    const bad = Buffer.from(bytes[Math.floor(random() * bytes.length)]!);
    return Buffer.concat([line.subarray(0, at), bad, line.subarray(at)]);
  },
  // Nested deeper than anybody reads.
  (_line, random) => Buffer.from("[".repeat(600 + Math.floor(random() * 50_000))),
  // Random bytes.
  (_line, random) => Buffer.from(Array.from({ length: 200 }, () => Math.floor(random() * 256))),
  // A text line, as syslog would write it.
  (_line, random) => Buffer.from(`Nov 21 01:02:03 host app[${Math.floor(random() * 9999)}]: hello`),
];

/** A hostile line. It has no line feed, is not blank and does not begin with NUL. */
export function hostileLine(number: number, random: () => number): Buffer {
  const line = Buffer.from(wekaEvent(number));
  const mutation = mutations[Math.floor(random() * mutations.length)]!;
  const bytes = Buffer.from(mutation(line, random).map((byte) => (byte === 10 ? 11 : byte)));
  const blank = !bytes.some((byte) => byte !== 32 && byte !== 9 && byte !== 13);
  return blank || bytes[0] === 0 ? Buffer.concat([Buffer.from("x"), bytes]) : bytes;
}

/** Whether a line is JSON in UTF-8, by the platform's own decoder and parser. */
export function isJson(line: Buffer): boolean {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(line);
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
