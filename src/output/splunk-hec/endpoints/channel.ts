/**
 * A channel of indexer acknowledgement: where Splunk numbers requests, and says later which of them it has indexed.
 *
 * Its numbers mean something only on the indexer that took the request, and each indexer behind a balancer begins
 * with 0. A channel therefore carries one request at a time, and is used again only after a clean end: whichever
 * indexer then says that the one open number is indexed, it speaks of the one open request.
 */
import { randomUUID } from "node:crypto";

const cookies_max = 32;
/** Of the whole header: with more, servers refuse the request (from 8 KiB on). */
const header_length_max = 4096;

/** Splunk forgets a channel that nobody uses for 600 s. */
const idle_ms_max = 300_000;

/** The cookies of a balancer that sends what belongs together to the same indexer. */
export class Cookies {
  readonly #values = new Map<string, string>();

  /** The `Cookie` header; undefined where there are none. */
  get header(): string | undefined {
    if (this.#values.size === 0) return undefined;
    return [...this.#values].map(([name, value]) => `${name}=${value}`).join("; ");
  }

  /** Takes in the `Set-Cookie` headers of an answer (RFC 6265, 5.2); their attributes do not matter here. */
  update(set_cookies: readonly string[] = []): void {
    for (const text of set_cookies) {
      const [, name, value] = /^\s*([^\s=;]+)\s*=\s*([^;]*)/.exec(text) ?? [];
      if (name === undefined || value === undefined) continue;
      if (name.length + value.length >= header_length_max) continue;
      if (/[^\x20-\x7e]/.test(name + value)) continue;
      this.#values.delete(name);
      this.#values.set(name, value.trim());
    }
    for (const oldest of this.#values.keys()) {
      if (this.#values.size <= cookies_max && this.header!.length <= header_length_max) break;
      this.#values.delete(oldest);
    }
  }

  copy(): Cookies {
    const copy = new Cookies();
    for (const [name, value] of this.#values) copy.#values.set(name, value);
    return copy;
  }
}

export class Channel {
  readonly id = randomUUID();
  readonly cookies: Cookies;
  /** Monotonic time of its last clean end. */
  free_since_ms = 0;

  constructor(cookies: Cookies) {
    this.cookies = cookies;
  }

  get headers(): Record<string, string> {
    const cookie = this.cookies.header;
    const headers = { "x-splunk-request-channel": this.id };
    return cookie === undefined ? headers : { ...headers, cookie };
  }
}

/** The channels of one endpoint that carry no request now. */
export class Channels {
  readonly #free: Channel[] = [];
  /** What a new channel begins with: the newest cookies of any. */
  #cookies = new Cookies();

  take(now_ms: number): Channel {
    for (let channel = this.#free.pop(); channel !== undefined; channel = this.#free.pop()) {
      if (now_ms - channel.free_since_ms < idle_ms_max) return channel;
    }
    return new Channel(this.#cookies.copy());
  }

  /** Notes what an answer in the channel set. */
  answered(channel: Channel, set_cookies: readonly string[] | undefined): void {
    if (set_cookies === undefined || set_cookies.length === 0) return;
    channel.cookies.update(set_cookies);
    this.#cookies = channel.cookies.copy();
  }

  /** Begins again: what is refused may be the cookies, or the node that they lead to. */
  forget(): void {
    this.#free.length = 0;
    this.#cookies = new Cookies();
  }

  /** Takes back a channel whose last request has a known end. Any other is left to Splunk to forget. */
  giveBack(channel: Channel, now_ms: number): void {
    channel.free_since_ms = now_ms;
    this.#free.push(channel);
  }
}
