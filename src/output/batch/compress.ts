/** gzip for request bodies, on Node's thread pool, so that the main thread goes on meanwhile. */
import { promisify } from "node:util";
import { gzip } from "node:zlib";

const gzipAsync = promisify(gzip);

/** The fastest level: audit events shrink to about a tenth with it, and more would cost more than it saves. */
const gzip_level = 1;

/** Room for a whole compressed batch, so that it seldom takes a second turn on the thread pool. */
const chunk_bytes = 128 * 1024;

export function compress(body: Buffer): Promise<Buffer> {
  return gzipAsync(body, { level: gzip_level, chunkSize: chunk_bytes });
}
