/** gzip for request bodies, on Node's thread pool, so that the main thread goes on meanwhile. */
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { ownCopy } from "../../platform/packing/own-copy.ts";
import type { Delivered } from "../delivered.ts";
import type { Batch } from "./batch.ts";

const gzipAsync = promisify(gzip);

/** The fastest level: audit events shrink to about a tenth with it, and more would cost more than it saves. */
const gzip_level = 1;

/** Room for a whole compressed batch, so that it seldom takes a second turn on the thread pool. */
const chunk_bytes = 128 * 1024;

/** The compressed body may be kept for long. It holds no memory but its own. */
export async function compress(body: Buffer): Promise<Buffer> {
  const compressed = await gzipAsync(body, { level: gzip_level, chunkSize: chunk_bytes });
  return compressed.buffer.byteLength === compressed.length ? compressed : ownCopy(compressed);
}

export interface CompressionDeps {
  readonly delivered: Pick<Delivered, "is_watched">;
  /** Called with the buffer of a batch that is kept under compression alone from then on. */
  readonly onCompressed: (buffer: Buffer) => void;
}

/**
 * Compresses the body of a batch that is to be sent, unless it is, and has the batch keep that alone: it is a tenth, and may wait
 * for long.
 */
export function compressBatch(batch: Batch, deps: CompressionDeps): void {
  if (batch.compressed !== undefined) return;
  const compressed = compress(batch.body);
  batch.compressed = compressed;
  const keep = (bytes: Buffer): void => {
    // It is shown as it is delivered, and would be decompressed for that.
    if (deps.delivered.is_watched) return;
    const buffer = batch.keepCompressed(bytes);
    if (buffer !== undefined) deps.onCompressed(buffer);
  };
  // Whoever sends it hears of a failure.
  void compressed.then(keep, () => undefined);
}
