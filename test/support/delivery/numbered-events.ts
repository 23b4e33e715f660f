/**
 * Events that are nothing but their number, in the fewest bytes, and the reading of a body of them.
 *
 *     record  "0000123"
 *     line    {"index":"a","time":1742539047.915,"event":"0000123"}
 *
 * All lines have one length, so that a body is read without parsing; every byte of it is looked at all the same.
 */
import { Block, type Origin } from "../../../src/event/block.ts";
import { LogEvent } from "../../../src/event/log-event.ts";
import { Scanner } from "../../../src/event/scanner.ts";
import type { Receipt } from "../../../src/ledger/receipt.ts";
import type { Reading } from "../events/envelopes.ts";

const digits = 7;
const record_bytes = digits + 3;
const read_at_ms = 1_742_539_047_915;
const template = Buffer.from('{"index":"a","time":1742539047.915,"event":"0000000"}\n');
const index_at = template.indexOf("a");
const number_at = template.indexOf("0000000");
const byte_zero = 0x30;

export const line_bytes = template.length;

/** Makes blocks of `size` events. A block's buffer is used again for the next, as outputs keep nothing of it. */
export class BlockMaker {
  readonly #size: number;
  readonly #bytes: Buffer;
  readonly #starts: Int32Array;
  readonly #ends: Int32Array;
  readonly #scanner = new Scanner([]);

  constructor(size: number) {
    this.#size = size;
    this.#bytes = Buffer.from('"0000000"\n'.repeat(size));
    this.#starts = Int32Array.from({ length: size }, (_, each) => each * record_bytes);
    this.#ends = this.#starts.map((start) => start + record_bytes - 1);
  }

  /** Bytes of a block. */
  get bytes(): number {
    return this.#bytes.length;
  }

  /** Gives the events from number `first` on to `add`. */
  make(first: number, receipt: Receipt, origin: Origin, add: (event: LogEvent) => void): void {
    const bytes = this.#bytes;
    for (let each = 0; each < this.#size; each += 1) {
      writeNumber(bytes, each * record_bytes + 1, first + each);
    }
    const block = new Block({
      origin,
      receipt,
      bytes,
      starts: this.#starts,
      ends: this.#ends,
      count: this.#size,
      offset: first * record_bytes,
      read_at_ms,
    });
    for (let each = 0; each < this.#size; each += 1) add(new LogEvent(block, each, this.#scanner));
  }
}

export interface NumberedFacts {
  /** The index of each event, as the code of its one letter. */
  index_of: Uint8Array;
  /** Splunk's code for each event that it refuses; 0 for the others. */
  poison: Uint8Array;
}

/** Reads a body as Splunk does, up to the first event that it refuses; throws where a byte of it is wrong. */
export function readNumbers(
  body: Buffer,
  { index_of, poison }: NumberedFacts,
  indexes: ReadonlySet<string> | undefined,
): Reading<number> {
  const events: number[] = [];
  if (body.length === 0) return { events, code: 5 };
  for (let at = 0; at < body.length; at += line_bytes) {
    const number = readNumber(body, at);
    const index = body[at + index_at]!;
    if (number === -1 || index !== index_of[number]) {
      throw new Error(`altered: ${body.toString("latin1", at, at + line_bytes)}`);
    }
    if (indexes !== undefined && !indexes.has(String.fromCharCode(index))) {
      return { events, code: 7, invalid_event_number: events.length + 1 };
    }
    const code = poison[number]!;
    if (code !== 0) return { events, code, invalid_event_number: events.length };
    events.push(number);
  }
  return { events, code: 0 };
}

/** The number of the event in the line at `at`; -1 where the line is not as it was made. */
function readNumber(body: Buffer, at: number): number {
  let number = 0;
  for (let byte = 0; byte < line_bytes; byte += 1) {
    const found = body[at + byte]!;
    if (byte >= number_at && byte < number_at + digits) {
      if (found < byte_zero || found > byte_zero + 9) return -1;
      number = number * 10 + found - byte_zero;
    } else if (found !== template[byte] && byte !== index_at) {
      return -1;
    }
  }
  return number;
}

function writeNumber(target: Buffer, at: number, number: number): void {
  let rest = number;
  for (let digit = at + digits - 1; digit >= at; digit -= 1) {
    target[digit] = byte_zero + (rest % 10);
    rest = Math.floor(rest / 10);
  }
}
