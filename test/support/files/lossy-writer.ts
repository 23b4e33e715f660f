/**
 * A writer that does to its log all that loses records, and knows which of them are still somewhere, and which a look
 * could have seen. Its records have one length and end alike, so that few bytes tell one content from another.
 */
import {
  appendFileSync,
  closeSync,
  copyFileSync,
  ftruncateSync,
  openSync,
  renameSync,
  rmSync,
  truncateSync,
  writeSync,
} from "node:fs";

export const record_bytes = 400;

export class LossyWriter {
  readonly path: string;
  /** Records by the file that has them. */
  readonly files = new Map<string, number[]>();
  /** Records that were in a file at a look. */
  readonly seen = new Set<number>();
  written = 0;
  rotations = 0;

  constructor(path: string) {
    this.path = path;
  }

  get live(): number[] {
    return this.files.get(this.path) ?? [];
  }

  /** All that can still be read. */
  get readable(): Set<number> {
    return new Set([...this.files.values()].flat());
  }

  append(count: number): void {
    const records = this.#next(count);
    appendFileSync(this.path, textOf(records));
    this.files.set(this.path, [...this.live, ...records]);
  }

  /** Other records, in the same file, as many as there were and so many more or less. */
  rewrite(more: number): void {
    if (!this.files.has(this.path)) return;
    const records = this.#next(Math.max(0, this.live.length + more));
    const writer = openSync(this.path, "r+");
    ftruncateSync(writer);
    writeSync(writer, textOf(records), 0);
    closeSync(writer);
    this.files.set(this.path, records);
  }

  /** Takes away the end, or all. */
  truncate(part: number): void {
    if (!this.files.has(this.path)) return;
    const kept = this.live.slice(0, Math.floor(this.live.length * part));
    truncateSync(this.path, kept.length * record_bytes);
    this.files.set(this.path, kept);
  }

  rename(): void {
    if (!this.files.has(this.path)) return;
    this.rotations += 1;
    const to = `${this.path}.${this.rotations}`;
    renameSync(this.path, to);
    this.files.set(to, this.live);
    this.files.delete(this.path);
  }

  copyAndTruncate(): void {
    if (this.live.length === 0) return;
    this.rotations += 1;
    const to = `${this.path}.${this.rotations}`;
    copyFileSync(this.path, to);
    this.files.set(to, this.live);
    this.truncate(0);
  }

  delete(): void {
    rmSync(this.path, { force: true });
    this.files.delete(this.path);
  }

  /** Says that a look at all files is over, during which nothing was written. */
  looked(): void {
    for (const record of this.readable) this.seen.add(record);
  }

  #next(count: number): number[] {
    const first = this.written;
    this.written += count;
    return Array.from({ length: count }, (_, index) => first + index);
  }
}

/** The number of a record; undefined for anything else. */
export function numberOf(line: string): number | undefined {
  const number = /^record (\d{8}) =+$/.exec(line)?.[1];
  return number === undefined || line.length !== record_bytes - 1 ? undefined : Number(number);
}

function textOf(records: readonly number[]): string {
  return records
    .map((number) => `record ${String(number).padStart(8, "0")} `.padEnd(record_bytes - 1, "="))
    .map((line) => `${line}\n`)
    .join("");
}
