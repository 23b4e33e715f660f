/**
 * Indexer acknowledgement as one node keeps it: ids from 0 for each token and channel, `true` given once, and all of
 * it forgotten when the channel has been idle or the node restarts.
 */
import type { Take } from "./take.ts";

interface Channel<E> {
  next_id: number;
  /** Accepted requests by id that no poll was told `true` of. */
  readonly pending: Map<number, Take<E>>;
  used_ms: number;
}

export interface AcknowledgementLimits {
  /** Splunk's `maxIdleTime`. */
  idle_ms_max: number;
  /** Requests of one channel that may wait for a poll. */
  pending_max: number;
}

export class Acknowledgements<E> {
  readonly #limits: AcknowledgementLimits;
  readonly #channels = new Map<string, Channel<E>>();

  constructor(limits: AcknowledgementLimits) {
    this.#limits = limits;
  }

  /** Whether the channel takes no more requests before it is polled. */
  full(token: string, channel: string, now_ms: number): boolean {
    return this.#channel(token, channel, now_ms).pending.size >= this.#limits.pending_max;
  }

  /** Gives the id of an accepted request. */
  issue(take: Take<E>, token: string, channel: string, now_ms: number): number {
    const state = this.#channel(token, channel, now_ms);
    const id = state.next_id;
    state.next_id += 1;
    state.pending.set(id, take);
    return id;
  }

  /** The requests of these ids that are indexed and were not told before; they are forgotten with it. */
  collect(
    ids: readonly number[],
    token: string,
    channel: string,
    now_ms: number,
  ): Map<number, Take<E>> {
    const { pending } = this.#channel(token, channel, now_ms);
    const indexed = new Map<number, Take<E>>();
    for (const id of ids) {
      const take = pending.get(id);
      if (take?.state !== "indexed") continue;
      pending.delete(id);
      indexed.set(id, take);
    }
    return indexed;
  }

  /** Forgets every channel. */
  clear(): void {
    this.#channels.clear();
  }

  #channel(token: string, channel: string, now_ms: number): Channel<E> {
    const key = `${token}\n${channel.toLowerCase()}`;
    let state = this.#channels.get(key);
    if (state === undefined || now_ms - state.used_ms > this.#limits.idle_ms_max) {
      state = { next_id: 0, pending: new Map(), used_ms: now_ms };
      this.#channels.set(key, state);
    }
    state.used_ms = now_ms;
    return state;
  }
}
