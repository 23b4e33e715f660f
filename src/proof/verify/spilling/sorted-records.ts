/**
 * Records of one length, sorted by their bytes, however many there are: some of them in memory, and sorted runs of the others in a
 * temporary file, which are merged when all are there.
 */
import type { Scratch, ScratchFile } from "./scratch.ts";

const run_bytes = 2 * 1024 * 1024;
/** What is taken for the first of them. */
const first_bytes = 16 * 1024;

export class SortedRecords {
  readonly #scratch: Scratch;
  readonly #length: number;
  readonly #bytes_max: number;
  #records: Buffer;
  #count = 0;
  readonly #runs: Run[] = [];
  #file: ScratchFile | undefined;

  /** `length`: of each record. `bytes`: how many are sorted at once. */
  constructor(scratch: Scratch, length: number, bytes = run_bytes) {
    this.#scratch = scratch;
    this.#length = length;
    this.#bytes_max = Math.floor(bytes / length) * length;
    this.#records = Buffer.allocUnsafeSlow(Math.min(first_bytes, this.#bytes_max));
  }

  add(record: Uint8Array): void {
    if ((this.#count + 1) * this.#length > this.#records.length) this.#makeRoom();
    this.#records.set(record, this.#count * this.#length);
    this.#count += 1;
  }

  /** Each record in its turn. It holds until the next one. */
  *all(): Iterable<Buffer> {
    if (this.#file === undefined) return yield* this.#sorted();
    this.#spill();
    const open = this.#runs.map((run) => new Cursor(this.#file!, run, this.#cursorBytes()));
    while (open.length > 0) {
      let least = 0;
      for (let at = 1; at < open.length; at += 1) {
        if (open[at]!.record.compare(open[least]!.record) < 0) least = at;
      }
      yield open[least]!.record;
      if (!open[least]!.next()) open.splice(least, 1);
    }
    this.#scratch.close(this.#file);
  }

  #makeRoom(): void {
    const { length } = this.#records;
    if (length >= this.#bytes_max) return this.#spill();
    const longer = Buffer.allocUnsafeSlow(Math.min(2 * length, this.#bytes_max));
    longer.set(this.#records);
    this.#records = longer;
  }

  /** So that all of them together take as much as one run does. */
  #cursorBytes(): number {
    const each = Math.floor(this.#records.length / this.#runs.length / this.#length);
    return Math.max(1, each) * this.#length;
  }

  *#sorted(): Iterable<Buffer> {
    const length = this.#length;
    const records = this.#records;
    const order = Uint32Array.from({ length: this.#count }, (_, at) => at * length);
    order.sort((one, other) => records.compare(records, other, other + length, one, one + length));
    for (const at of order) yield records.subarray(at, at + length);
  }

  #spill(): void {
    if (this.#count === 0) return;
    this.#file ??= this.#scratch.open();
    const start = this.#file.size;
    for (const record of this.#sorted()) this.#file.append(record);
    this.#runs.push({ start, end: this.#file.size, length: this.#length });
    this.#count = 0;
  }
}

interface Run {
  readonly start: number;
  readonly end: number;
  readonly length: number;
}

/** The records of one run, one after the other. */
class Cursor {
  readonly #file: ScratchFile;
  readonly #run: Run;
  readonly #bytes: number;
  #part: Buffer = Buffer.alloc(0);
  #at = 0;
  #next_part: number;

  constructor(file: ScratchFile, run: Run, bytes: number) {
    this.#file = file;
    this.#run = run;
    this.#bytes = bytes;
    this.#next_part = run.start;
    this.#read();
  }

  get record(): Buffer {
    return this.#part.subarray(this.#at, this.#at + this.#run.length);
  }

  /** Says whether there is one more. */
  next(): boolean {
    this.#at += this.#run.length;
    return this.#at < this.#part.length || this.#read();
  }

  #read(): boolean {
    const length = Math.min(this.#bytes, this.#run.end - this.#next_part);
    if (length === 0) return false;
    this.#part = this.#file.read(this.#next_part, length);
    this.#next_part += length;
    this.#at = 0;
    return true;
  }
}
