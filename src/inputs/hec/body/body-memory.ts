/**
 * The memory that the bodies of all requests together may take. A request that finds it used up waits in line, and
 * is not read on meanwhile.
 *
 * The first in line may go on although the rest is used up: otherwise requests that each hold a part would wait for
 * each other forever. So the most that is ever held is the limit and what one request may hold.
 */

export class BodyMemory {
  readonly #bytes_max: number;
  #used_bytes = 0;
  #line: { share: BodyShare; bytes: number; resolve: () => void }[] = [];
  /** Who goes on beyond the limit. */
  #favoured: BodyShare | undefined;

  constructor(bytes_max: number) {
    this.#bytes_max = bytes_max;
  }

  get used_bytes(): number {
    return this.#used_bytes;
  }

  /** Requests that wait. */
  get waiting(): number {
    return this.#line.length;
  }

  /** Called by BodyShare. */
  take(share: BodyShare, bytes: number): Promise<void> | undefined {
    if (this.#isFree(share, bytes)) {
      this.#used_bytes += bytes;
      return undefined;
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#line.push({ share, bytes, resolve });
    this.#serve();
    return promise;
  }

  /** Called by BodyShare, with all that it holds. */
  release(share: BodyShare, bytes: number): void {
    this.#used_bytes -= bytes;
    if (this.#favoured === share) this.#favoured = undefined;
    if (this.#line.length === 0) return;
    const mine = this.#line.filter((each) => each.share === share);
    this.#line = this.#line.filter((each) => each.share !== share);
    for (const { resolve } of mine) resolve();
    this.#serve();
  }

  #isFree(share: BodyShare, bytes: number): boolean {
    if (share === this.#favoured) return true;
    return this.#line.length === 0 && this.#used_bytes + bytes <= this.#bytes_max;
  }

  #serve(): void {
    for (;;) {
      const first = this.#line[0];
      if (first === undefined) return;
      if (this.#used_bytes + first.bytes > this.#bytes_max) {
        if (this.#favoured !== undefined) return;
        this.#favoured = first.share;
      }
      this.#line.shift();
      this.#used_bytes += first.bytes;
      first.share.granted(first.bytes);
      first.resolve();
    }
  }
}

/** What one request holds of it. */
export class BodyShare {
  readonly #memory: BodyMemory;
  #held_bytes = 0;
  #state: "open" | "released" = "open";

  constructor(memory: BodyMemory) {
    this.#memory = memory;
  }

  /** Takes more. Where a promise is returned, nothing more must be read before it resolves. */
  take(bytes: number): Promise<void> | undefined {
    if (this.#state === "released") return undefined;
    const wait = this.#memory.take(this, bytes);
    if (wait === undefined) this.#held_bytes += bytes;
    return wait;
  }

  /** Gives everything back, and waits no more. Harmless when repeated. */
  release(): void {
    if (this.#state === "released") return;
    this.#state = "released";
    this.#memory.release(this, this.#held_bytes);
    this.#held_bytes = 0;
  }

  /** Called by BodyMemory. */
  granted(bytes: number): void {
    this.#held_bytes += bytes;
  }
}
