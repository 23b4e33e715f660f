/**
 * The socket between a chain and the process of an isolated step. Both read and write it directly, without their event loops:
 * the chain waits for each answer.
 *
 *     [ kind | bytes of the head | bytes of the body ] [ head: text ] [ body: the record ]
 */
import { readSync, writeSync } from "node:fs";

const prefix_bytes = 12;
const memory_bytes = 64 * 1024;
const content_bytes_max = 64 * 1024 * 1024;
const nap_ms_min = 0.02;
const nap_ms_max = 2;
/** Naps as long as this part of the wait so far add little to it. */
const nap_divisor = 8;

const never = new Int32Array(new SharedArrayBuffer(4));

/** What one side says to the other. */
export interface Parcel {
  readonly kind: number;
  readonly head: string;
  readonly body: Buffer;
}

/** Writes `length` bytes to the target, from `at` on. */
export interface BodySource {
  readonly length: number;
  copyTo(target: Buffer, at: number): void;
}

/** Whether to wait on; called after each nap with how long it was. */
export type Patience = (nap_ms: number) => boolean;

/** `late`: no more patience. `ended`: the other side is gone. */
export type Failure = "late" | "ended";

export class Channel {
  readonly #descriptor: () => number;
  #out: Buffer = Buffer.allocUnsafe(memory_bytes);
  #out_bytes = 0;
  #in: Buffer = Buffer.allocUnsafe(memory_bytes);
  #in_bytes = 0;

  /** The descriptor is asked for each time: a closed one may be another file's by then. It does not block. */
  constructor(descriptor: () => number) {
    this.#descriptor = descriptor;
  }

  /** Prepares what is sent next. False where there is no room for that much. */
  write(kind: number, head: string, body: BodySource): boolean {
    // A character of a string has up to three bytes.
    const needed = head.length * 3 + body.length;
    if (needed > content_bytes_max) return false;
    this.#out = roomFor(this.#out, prefix_bytes + needed, 0);
    const head_bytes = this.#out.write(head, prefix_bytes);
    body.copyTo(this.#out, prefix_bytes + head_bytes);
    this.#out.writeUInt32LE(kind, 0);
    this.#out.writeUInt32LE(head_bytes, 4);
    this.#out.writeUInt32LE(body.length, 8);
    this.#out_bytes = prefix_bytes + head_bytes + body.length;
    return true;
  }

  /** Sends what is prepared. */
  send(patience: Patience): Failure | undefined {
    let sent = 0;
    return this.#attempt(patience, (descriptor) => {
      sent += writeSync(descriptor, this.#out, sent, this.#out_bytes - sent);
      return sent === this.#out_bytes ? "done" : "more";
    });
  }

  /** Waits until a parcel is there; `take` gives it. */
  receive(patience: Patience): Failure | undefined {
    if (this.#isWhole()) return undefined;
    return this.#attempt(patience, (descriptor) => {
      if (!this.#read(descriptor)) return "ended";
      return this.#isWhole() ? "done" : "more";
    });
  }

  /** Whether the other side is gone, asked without waiting. */
  isEnded(): boolean {
    return this.#try((descriptor) => (this.#read(descriptor) ? "more" : "ended")) === "ended";
  }

  /** Adds what was read of the socket elsewhere. */
  push(bytes: Buffer): void {
    this.#in = roomFor(this.#in, this.#in_bytes + bytes.length, this.#in_bytes);
    bytes.copy(this.#in, this.#in_bytes);
    this.#in_bytes += bytes.length;
  }

  /** The parcel that was received, as a copy; undefined where none is whole. */
  take(): Parcel | undefined {
    if (!this.#isWhole()) return undefined;
    const kind = this.#in.readUInt32LE(0);
    const head_end = prefix_bytes + this.#in.readUInt32LE(4);
    const end = this.#wholeBytes();
    const head = this.#in.toString("utf8", prefix_bytes, head_end);
    const body = Buffer.from(this.#in.subarray(head_end, end));
    this.#in.copy(this.#in, 0, end, this.#in_bytes);
    this.#in_bytes -= end;
    return { kind, head, body };
  }

  /** False at the end. Throws EAGAIN where there is nothing yet. */
  #read(descriptor: number): boolean {
    this.#in = roomFor(this.#in, this.#in_bytes + 1, this.#in_bytes);
    const room = this.#in.length - this.#in_bytes;
    const count = readSync(descriptor, this.#in, this.#in_bytes, room, null);
    this.#in_bytes += count;
    return count > 0;
  }

  #isWhole(): boolean {
    return this.#in_bytes >= prefix_bytes && this.#in_bytes >= this.#wholeBytes();
  }

  #wholeBytes(): number {
    return prefix_bytes + this.#in.readUInt32LE(4) + this.#in.readUInt32LE(8);
  }

  #attempt(
    patience: Patience,
    act: (descriptor: number) => "done" | "more" | "ended",
  ): Failure | undefined {
    let waited_ms = 0;
    for (;;) {
      const outcome = this.#try(act);
      if (outcome === "done") return undefined;
      if (outcome === "ended") return outcome;
      if (outcome === "more") continue;
      const nap_ms = Math.min(Math.max(waited_ms / nap_divisor, nap_ms_min), nap_ms_max);
      Atomics.wait(never, 0, 0, nap_ms);
      waited_ms += nap_ms;
      if (!patience(nap_ms)) return "late";
    }
  }

  #try(act: (descriptor: number) => "done" | "more" | "ended"): "done" | "more" | "ended" | "wait" {
    const { stackTraceLimit: frames } = Error;
    // Node throws where there is nothing to read yet, and most of what that costs is the stack.
    Error.stackTraceLimit = 0;
    try {
      const descriptor = this.#descriptor();
      return descriptor < 0 ? "ended" : act(descriptor);
    } catch (error) {
      return Object(error).code === "EAGAIN" ? "wait" : "ended";
    } finally {
      Error.stackTraceLimit = frames;
    }
  }
}

/** A buffer of at least so many bytes, with the first `kept` of the given one. */
function roomFor(buffer: Buffer, needed: number, kept: number): Buffer {
  if (needed <= buffer.length) return buffer;
  const larger = Buffer.allocUnsafe(2 * needed);
  buffer.copy(larger, 0, 0, kept);
  return larger;
}
