/**
 * Which endpoint the next request goes to: the least busy of those that work, and each that rests by itself.
 *
 * One that is much slower than another would only hold up the checkpoints behind its batches, so it is left alone.
 */
import type { Endpoint, Lease, Observation } from "./endpoint.ts";
import type { Decision } from "../answers/response.ts";

/** An endpoint is slow that takes so many times as long as another, and at least so much longer. */
const slow_factor = 4;
const slow_ms_min = 50;

export class Endpoints {
  readonly all: readonly Endpoint[];
  /** Whether a request may start at all. */
  readonly #open: () => boolean;
  #waiters: ((lease: Lease | undefined) => void)[] = [];
  #retired = false;

  constructor(all: readonly Endpoint[], open: () => boolean) {
    this.all = all;
    this.#open = open;
  }

  /**
   * Requests that may be in flight now; at least the one that waits to be tried. What still hangs at an endpoint that
   * rests takes no place from the others.
   */
  get limit(): number {
    return Math.max(1, sum(this.all.map(({ limit, in_flight }) => Math.max(limit, in_flight))));
  }

  /** Whether any of them takes events. */
  get work(): boolean {
    return this.all.some(({ isUp }) => isUp);
  }

  /**
   * Resolves to leave for one request, as soon as an endpoint can take it; undefined once retired. Who asks `again`
   * goes before others: its events are the oldest.
   */
  acquire(again: boolean): Promise<Lease | undefined> {
    if (this.#retired) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      if (again) this.#waiters.unshift(resolve);
      else this.#waiters.push(resolve);
      this.pump();
    });
  }

  /** Takes a lease back, with what came of it. */
  release(lease: Lease, decision: Decision, observed: Observation): void {
    lease.endpoint.end(lease, decision, observed);
    this.#benchIfSlow(lease.endpoint);
    // Rather a slow one than none.
    if (this.all.every(({ limit }) => limit === 0)) for (const each of this.all) each.fetch();
    this.pump();
  }

  /** Lets those go on that may. */
  pump(): void {
    while (this.#waiters.length > 0 && this.#open()) {
      const endpoint = this.#best();
      if (endpoint === undefined) return;
      this.#waiters.shift()!(endpoint.begin());
    }
  }

  /** Lets no request start any more. Those that are in progress go on. */
  retire(): void {
    this.#retired = true;
    for (const resolve of this.#waiters.splice(0)) resolve(undefined);
    for (const endpoint of this.all) endpoint.retire();
  }

  async close(): Promise<void> {
    this.retire();
    await Promise.all(this.all.map((endpoint) => endpoint.close()));
  }

  #best(): Endpoint | undefined {
    const ready = this.all.find(({ isReady }) => isReady);
    if (ready !== undefined) return ready;
    const free = this.all.filter(({ isUp, in_flight, limit }) => isUp && in_flight < limit);
    return free.toSorted((left, right) => loadOf(left) - loadOf(right))[0];
  }

  #benchIfSlow(endpoint: Endpoint): void {
    if (!endpoint.isUp || this.all.length === 1) return;
    const others = this.all.filter((each) => each !== endpoint && each.isUp && each.latency_ms > 0);
    const best_ms = Math.min(...others.map(({ latency_ms }) => latency_ms));
    const { recent_latency_ms: ms } = endpoint;
    if (ms > best_ms * slow_factor && ms > best_ms + slow_ms_min) endpoint.bench();
  }
}

/** How long it would take about: by what is in flight, and then by how fast it answers. */
function loadOf({ in_flight, limit, latency_ms }: Endpoint): number {
  return (in_flight / limit) * 1e6 + latency_ms;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
