/**
 * Reading the body of one request: bounded, counted against the memory of all bodies, and unpacked.
 */
import type { IncomingMessage } from "node:http";
import { unzip } from "node:zlib";
import { BodyShare, type BodyMemory } from "./body-memory.ts";

/**
 * What became of a body. `too_large`: it is larger than allowed, packed or unpacked. `unpackable`: its packing is
 * broken; the bytes are those that came. `gone`: the client left before its end.
 */
export type Body =
  | { readonly kind: "whole" | "unpackable"; readonly bytes: Buffer }
  | { readonly kind: "too_large" }
  | { readonly kind: "gone" };

const too_large: Body = { kind: "too_large" };
const gone: Body = { kind: "gone" };

/** How a body is packed; `unknown` for what is not taken. RFC 9110 section 8.4.1. */
export type Packing = "none" | "zlib" | "unknown";

const packing_by_encoding = new Map<string, Packing>([
  ["", "none"],
  ["identity", "none"],
  ["gzip", "zlib"],
  ["x-gzip", "zlib"],
  ["deflate", "zlib"],
]);

export function packingOf(encoding: string | undefined): Packing {
  if (encoding === undefined) return "none";
  return packing_by_encoding.get(encoding.trim().toLowerCase()) ?? "unknown";
}

/** The body, and the call that says that its bytes are not used any more. */
export interface ReadBody {
  readonly body: Body;
  readonly release: () => void;
}

export interface BodyLimits {
  readonly memory: BodyMemory;
  /** Of the body, packed and unpacked alike. */
  readonly bytes_max: number;
}

/** Reads the request to its end, or to its limit. Never rejects. */
export async function readBody(
  request: IncomingMessage,
  packing: Packing,
  { memory, bytes_max }: BodyLimits,
): Promise<ReadBody> {
  const share = new BodyShare(memory);
  let body = await collect(request, share, bytes_max);
  if (packing === "zlib" && body.kind === "whole" && body.bytes.length > 0) {
    // What it unpacks to is not known, so room for the most is taken.
    const wait = share.take(bytes_max);
    if (wait !== undefined) await wait;
    body = await unpack(body.bytes, bytes_max);
  }
  if (body.kind === "too_large" || body.kind === "gone") share.release();
  return { body, release: () => share.release() };
}

function collect(request: IncomingMessage, share: BodyShare, bytes_max: number): Promise<Body> {
  const { promise, resolve } = Promise.withResolvers<Body>();
  const chunks: Buffer[] = [];
  let length = 0;
  const take = (chunk: Buffer): void => {
    length += chunk.length;
    if (length > bytes_max) {
      request.off("data", take);
      resolve(too_large);
      return;
    }
    chunks.push(chunk);
    const wait = share.take(chunk.length);
    if (wait === undefined) return;
    request.pause();
    void wait.then(() => request.resume());
  };
  request.on("data", take);
  request.on("end", () => {
    const bytes = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, length);
    resolve({ kind: "whole", bytes });
  });
  request.on("error", () => resolve(gone));
  request.on("close", () => resolve(gone));
  return promise;
}

function unpack(packed: Buffer, bytes_max: number): Promise<Body> {
  const { promise, resolve } = Promise.withResolvers<Body>();
  unzip(packed, { maxOutputLength: bytes_max }, (error, bytes) => {
    if (error === null) resolve({ kind: "whole", bytes });
    else if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") resolve(too_large);
    else resolve({ kind: "unpackable", bytes: packed });
  });
  return promise;
}
