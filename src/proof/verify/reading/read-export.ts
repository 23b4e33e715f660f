/**
 * Reads a file of an export from its beginning to its end: decompresses it, sees which form it has, and gives its events one by
 * one. Files are read more than once, so what can be read once only, such as a pipe, is refused.
 */
import { open, stat, type FileHandle } from "node:fs/promises";
import type { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { messageOf, TallymanError } from "../../../platform/errors.ts";
import { CsvRecords } from "./csv-records.ts";
import { JsonLines } from "./json-lines.ts";
import { eachLine, LineRegions, linesWith, type TakeRegion } from "./line-regions.ts";
import type { ExportRecord } from "./record.ts";
import type { RoomFor } from "./text-room.ts";

const chunk_bytes = 512 * 1024;
/** Before a part that is read, for what the one before has left of its last line. */
const part_start = 64 * 1024;
const gzip_magic = Buffer.of(0x1f, 0x8b);
const byte_order_mark = Buffer.of(0xef, 0xbb, 0xbf);
/** Blanks, tabs and ends of lines. */
const blanks = [0x20, 0x09, 0x0d, 0x0a];
const open_object = 0x7b;
const zstd_magic = Buffer.of(0x28, 0xb5, 0x2f, 0xfd);

export interface Reading {
  /** What is done with each event. */
  readonly take: (record: ExportRecord) => void;
  /** Only seals are asked for: of JSON lines, only those with one of these words are looked at. */
  readonly words?: readonly Buffer[] | undefined;
  /** Memory for the texts of the events; without it they are made in one place, one after the other. */
  readonly room?: RoomFor | undefined;
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
  const form = new Form(file, reading);
  try {
    const handle = await open(file);
    try {
      const unpacker = await unpackerOf(handle);
      if (unpacker === undefined) await readPlain(handle, form, reading);
      else await readPacked(handle, unpacker, { form, reading });
    } finally {
      await handle.close();
    }
  } catch (cause) {
    if (cause instanceof TallymanError) throw cause;
    const { code = "" } = cause as NodeJS.ErrnoException;
    if (isCut(code))
      return [...form.obstacles(), `the compressed data cannot be read to its end (${code})`];
    throw unreadable(file, cause);
  }
  return form.obstacles();
}

/** While one part is looked at the next one is read. */
async function readPlain(handle: FileHandle, form: Form, { progress }: Reading): Promise<void> {
  // A file that is short needs less, and has grown if that is not enough.
  const { size } = await handle.stat();
  const part_bytes = Math.min(chunk_bytes, size + 1);
  const length = part_start + part_bytes;
  const parts = [Buffer.allocUnsafeSlow(length), Buffer.allocUnsafeSlow(length)];
  const read = (part: Buffer) => handle.read(part, part_start, part_bytes);
  let reading = read(parts[0]!);
  for (let at = 0; ; at = 1 - at) {
    const { bytesRead } = await reading;
    if (bytesRead === 0) break;
    reading = read(parts[1 - at]!);
    // Who throws here waits for the read before the file is closed.
    try {
      progress(bytesRead);
      form.addPart(parts[at]!, part_start, part_start + bytesRead);
    } catch (cause) {
      await reading.catch(() => undefined);
      throw cause;
    }
  }
  form.end();
}

async function readPacked(
  handle: FileHandle,
  unpacker: Transform,
  { form, reading }: { form: Form; reading: Reading },
): Promise<void> {
  const options = { start: 0, highWaterMark: chunk_bytes, autoClose: false };
  const source = handle.createReadStream(options);
  source.on("data", (chunk) => reading.progress(chunk.length));
  await pipeline(source, unpacker, async (chunks: AsyncIterable<Buffer>) => {
    for await (const chunk of chunks) form.add(chunk);
  });
  form.end();
}

function isCut(code: string): boolean {
  return /^(Z_|ZSTD_|ERR_ZLIB)/.test(code);
}

/** Undefined for a file that is not compressed. */
async function unpackerOf(handle: FileHandle): Promise<Transform | undefined> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, 0);
  const start = buffer.subarray(0, bytesRead);
  const options = { chunkSize: chunk_bytes };
  if (start.subarray(0, 2).equals(gzip_magic)) return createGunzip(options);
  if (start.equals(zstd_magic)) return createZstdDecompress(options);
  return undefined;
}

/** Sees from the first bytes which form the file has, and hands them all on. */
class Form {
  readonly #file: string;
  readonly #reading: Reading;
  #is_begun = false;
  #lines: { readonly json: JsonLines; readonly regions: LineRegions } | undefined;
  #csv: CsvRecords | undefined;

  constructor(file: string, reading: Reading) {
    this.#file = file;
    this.#reading = reading;
  }

  add(chunk: Buffer): void {
    const rest = this.#begin(chunk);
    if (this.#lines !== undefined) return this.#lines.regions.add(rest);
    this.#csv!.add(rest);
    this.#refuseOther();
  }

  /** The same of bytes that have room before them. */
  addPart(part: Buffer, start: number, end: number): void {
    if (this.#lines === undefined) return this.add(part.subarray(start, end));
    this.#lines.regions.addPart(part, start, end);
  }

  end(): void {
    this.#lines?.regions.end();
  }

  /** What speaks against the file's being whole. */
  obstacles(): readonly string[] {
    return this.#lines?.json.end() ?? this.#csv?.end() ?? [];
  }

  /** Sees from the first bytes which form it is. Gives what there is of the bytes. */
  #begin(chunk: Buffer): Buffer {
    if (this.#is_begun) return chunk;
    this.#is_begun = true;
    const is_marked = chunk.subarray(0, byte_order_mark.length).equals(byte_order_mark);
    const rest = is_marked ? chunk.subarray(byte_order_mark.length) : chunk;
    const { take, words, room } = this.#reading;
    if (!isJson(rest)) {
      this.#csv = new CsvRecords(take, { are_seals_enough: words !== undefined, room });
      return rest;
    }
    const json = new JsonLines(take, room);
    const take_line: TakeRegion = (bytes, start, end) => json.line(bytes, start, end);
    const regions = new LineRegions((bytes, start, end) => {
      if (words === undefined) eachLine(bytes, [start, end], take_line);
      else linesWith(words, [bytes, start, end], take_line);
    });
    this.#lines = { json, regions };
    return rest;
  }

  #refuseOther(): void {
    const columns = this.#csv!.columns;
    if (columns === undefined || columns.includes("_raw")) return;
    throw unreadable(
      this.#file,
      new Error("it is neither JSON lines nor a CSV with a column _raw"),
    );
  }
}

/** Lines of JSON are objects, and no header of a CSV begins like one. */
function isJson(start: Buffer): boolean {
  return start[start.findIndex((byte) => !blanks.includes(byte))] === open_object;
}

function unreadable(file: string, cause: unknown): TallymanError {
  const message = `cannot verify ${file}: ${messageOf(cause)}`;
  return new TallymanError("verify_impossible", message, { file }, { cause });
}
