/**
 * Waits, blocking, until a descriptor of any kind can be read, or some time has passed: poll(2).
 *
 * Node polls descriptors of the kinds that it knows itself, to which UNIX datagram sockets do not belong. Its WASI has a call
 * for any, which is all that is used of it: no WebAssembly is run.
 */
import { WASI } from "node:wasi";

/** What of it is used: its types are those of browsers. */
declare const WebAssembly: {
  readonly Memory: new (options: { initial: number }) => { readonly buffer: ArrayBuffer };
};

/** Where its arguments are, in a memory that both sides see (the layout is that of WASI's `poll_oneoff`). */
const subscriptions_at = 0;
const subscription_bytes = 48;
const events_at = 256;
const event_bytes = 32;
const events_max = 2;
const count_at = 512;

const tag_clock = 0;
const tag_readable = 1;
const clock_monotonic = 1;
const user_data_readable = 1n;
/** The descriptor is the standard input of the WebAssembly program that there is not. */
const wasi_fd = 0;

export class ReadableWait {
  readonly #wasi: WASI;
  readonly #view: DataView;

  /** The descriptor does not block any more from the first wait on: O_NONBLOCK is set, for all that share the socket. */
  constructor(fd: number) {
    const memory = new WebAssembly.Memory({ initial: 1 });
    this.#wasi = new WASI({ version: "preview1", stdin: fd, returnOnExit: true });
    this.#wasi.initialize({ exports: { memory } });
    this.#view = new DataView(memory.buffer);
    this.#view.setUint8(subscriptions_at + 8, tag_clock);
    this.#view.setUint32(subscriptions_at + 16, clock_monotonic, true);
    const readable_at = subscriptions_at + subscription_bytes;
    this.#view.setBigUint64(readable_at, user_data_readable, true);
    this.#view.setUint8(readable_at + 8, tag_readable);
    this.#view.setUint32(readable_at + 16, wasi_fd, true);
  }

  /** Whether there is something to read, at the latest after `wait_ms`. Throws where that cannot be found out. */
  wait(wait_ms: number): boolean {
    const view = this.#view;
    view.setBigUint64(subscriptions_at + 24, BigInt(wait_ms) * 1_000_000n, true);
    const poll = this.#wasi.wasiImport["poll_oneoff"] as (...args: number[]) => number;
    const error = poll(subscriptions_at, events_at, events_max, count_at);
    if (error !== 0) throw new Error(`poll_oneoff failed with WASI's error ${error}`);
    const count = view.getUint32(count_at, true);
    for (let at = events_at; at < events_at + count * event_bytes; at += event_bytes) {
      if (view.getBigUint64(at, true) !== user_data_readable) continue;
      const cause = view.getUint16(at + 8, true);
      if (cause === 0) return true;
      throw new Error(`the descriptor cannot be polled: WASI's error ${cause}`);
    }
    return false;
  }
}
