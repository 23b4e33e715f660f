/**
 * What the thread that reads datagrams gives to the one that delivers them: many datagrams in one buffer.
 */

/**
 * Room for one datagram. The kernel makes none of more than 4 MiB and 68 KiB on machines with pages of 4 KiB, whatever
 * the sender's buffer is. What is longer elsewhere is cut here, by read(2).
 */
export const datagram_bytes_max = 8 * 1024 * 1024;

export interface DatagramBatch {
  /** The datagrams, one after the other. */
  readonly bytes: Buffer;
  /** Where each ends. */
  readonly ends: Int32Array;
  /** Wall-clock time, milliseconds since the epoch. */
  readonly read_at_ms: number;
}

/** What the reading thread is started with. */
export interface ReaderOrders {
  readonly fd: number;
  /** By the places below. */
  readonly control: Int32Array;
}

/** What the delivering thread has the other do: one of `order`. */
export const order_at = 0;
/** How many batches were taken. */
export const taken_at = 1;
export const control_length = 2;

/**
 * `read` until another one comes. `drain`: read what is there, and end. `stop`: end. A thread that ends gives what it has
 * read.
 */
export const order = { read: 0, drain: 1, stop: 2 } as const;

/** What the reading thread says. A thread that says `ended` has read nothing that it has not given. */
export type ReaderMessage =
  | { readonly kind: "ready" }
  | { readonly kind: "batch"; readonly bytes: ArrayBuffer; readonly ends: Int32Array }
  | { readonly kind: "ended" };
