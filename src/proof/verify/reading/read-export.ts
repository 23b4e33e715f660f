/**
 * Reads a file of an export from its beginning to its end: decompresses it, sees which form it has, and gives its events one by
 * one. Files are read more than once, so what can be read once only, such as a pipe, is refused.
 */
import { createReadStream } from "node:fs";
import { open, stat } from "node:fs/promises";
import { Writable, type Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createZstdDecompress } from "node:zlib";
import split2 from "split2";
import { messageOf, TallymanError } from "../../../platform/errors.ts";
import { CsvRecords } from "./csv-records.ts";
import { JsonLines } from "./json-lines.ts";
import type { ExportRecord } from "./record.ts";

const chunk_bytes = 256 * 1024;
/** More than the longest event that an agent takes, escaped. */
const line_characters_max = 256 * 1024 * 1024;
const gzip_magic = Buffer.of(0x1f, 0x8b);
const zstd_magic = Buffer.of(0x28, 0xb5, 0x2f, 0xfd);

type Done = (cause?: Error | null) => void;

export interface Reading {
  /** What is done with each event. */
  readonly take: (record: ExportRecord) => void;
  /** Of JSON lines, whether a line is looked at at all; without it, each is. */
  readonly wants?: ((line: string) => boolean) | undefined;
  /** So many bytes of the file more. */
  readonly progress: (bytes: number) => void;
}

/** How many bytes the files have. Rejects with TallymanError verify_impossible where one cannot be read. */
export async function sizeOfExports(files: readonly string[]): Promise<number> {
  let size = 0;
  for (const file of files) {
    const stats = await stat(file).catch((cause: unknown) => {
      throw unreadable(file, cause);
    });
    if (!stats.isFile())
      throw unreadable(file, new Error("it is no file, and has to be read twice"));
    size += stats.size;
  }
  return size;
}

/** Reads the file, and gives what speaks against its being whole. Rejects with TallymanError verify_impossible. */
export async function readExport(file: string, reading: Reading): Promise<readonly string[]> {
  const packing = await packingOf(file);
  const form = new Form(file, reading);
  const source = createReadStream(file, { highWaterMark: chunk_bytes });
  source.on("data", (chunk) => reading.progress(chunk.length));
  try {
    if (packing === undefined) await pipeline(source, form);
    else await pipeline(source, packing, form);
  } catch (cause) {
    if (cause instanceof TallymanError) throw cause;
    const { code = "" } = cause as NodeJS.ErrnoException;
    if (isCut(code))
      return [...form.obstacles(), `the compressed data cannot be read to its end (${code})`];
    throw unreadable(file, cause);
  }
  return form.obstacles();
}

function isCut(code: string): boolean {
  return /^(Z_|ZSTD_|ERR_ZLIB)/.test(code);
}

async function packingOf(file: string): Promise<Transform | undefined> {
  try {
    const handle = await open(file);
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, 0);
      const start = buffer.subarray(0, bytesRead);
      const options = { chunkSize: chunk_bytes };
      if (start.subarray(0, 2).equals(gzip_magic)) return createGunzip(options);
      if (start.equals(zstd_magic)) return createZstdDecompress(options);
      return undefined;
    } finally {
      await handle.close();
    }
  } catch (cause) {
    throw unreadable(file, cause);
  }
}

/** Sees from the first bytes which form the file has, and hands them all on. */
class Form extends Writable {
  readonly #file: string;
  readonly #reading: Reading;
  #lines: { readonly json: JsonLines; readonly split: Transform } | undefined;
  #csv: { readonly records: CsvRecords; readonly decoder: TextDecoder } | undefined;

  constructor(file: string, reading: Reading) {
    super({ highWaterMark: chunk_bytes });
    this.#file = file;
    this.#reading = reading;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Done): void {
    try {
      if (this.#lines === undefined && this.#csv === undefined) this.#begin(chunk);
      if (this.#csv !== undefined) {
        this.#csv.records.add(this.#csv.decoder.decode(chunk, { stream: true }));
        this.#refuseOther();
        done();
      } else this.#lines!.split.write(chunk, done);
    } catch (cause) {
      done(cause as Error);
    }
  }

  override _final(done: Done): void {
    if (this.#lines === undefined) return done();
    this.#lines.split.end(done);
  }

  /** What speaks against the file's being whole. */
  obstacles(): readonly string[] {
    return this.#lines?.json.end() ?? this.#csv?.records.end() ?? [];
  }

  #begin(chunk: Buffer): void {
    const { take, wants } = this.#reading;
    const first = chunk
      .toString("utf8")
      .replace(/^\uFEFF/, "")
      .trimStart();
    if (!first.startsWith("{")) {
      this.#csv = { records: new CsvRecords(take), decoder: new TextDecoder() };
      return;
    }
    const json = new JsonLines(take);
    const take_line = (line: string): void => {
      if (wants === undefined || wants(line)) json.line(line);
    };
    const split = split2("\n", take_line, { maxLength: line_characters_max });
    split.on("error", (cause) => this.destroy(cause));
    split.resume();
    this.#lines = { json, split };
  }

  #refuseOther(): void {
    const columns = this.#csv!.records.columns;
    if (columns === undefined || columns.includes("_raw")) return;
    throw unreadable(
      this.#file,
      new Error("it is neither JSON lines nor a CSV with a column _raw"),
    );
  }
}

function unreadable(file: string, cause: unknown): TallymanError {
  const message = `cannot verify ${file}: ${messageOf(cause)}`;
  return new TallymanError("verify_impossible", message, { file }, { cause });
}
