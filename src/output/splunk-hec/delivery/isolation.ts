/**
 * How the events of one batch are told apart when Splunk refuses some of them: how many go in the next request.
 *
 * Events get their fate strictly from the first to the last. Where Splunk names the event that it refuses, that one
 * goes alone, and then the rest. Where it does not, halves of what was refused go until one event is left:
 *
 *     open    [ a b c d e f g h ]   refused                one poison event among n costs at most
 *     next    [ a b c d ]           taken                  ⌈log2 n⌉ + 1 more requests, the last
 *     next            [ e f ]       refused                of them for the rest
 *     next            [ e ]         taken, so it is f
 */

import type { Narrowing } from "../answers/response.ts";

export class Isolation {
  /** Events without a fate. */
  open: number;
  /** Of these, the first that are known to hold one that is refused; 0 where nothing is known. */
  #suspects = 0;
  /** Requests that were refused and held all suspects, and what was said to the last of them. */
  #refusals = 0;
  #cause: Narrowing | undefined;
  /** What one request may hold at most, after a refusal for its size. */
  #request_max: number;
  /** Whether the one suspect is one that Splunk named. */
  #named = false;
  /** Until Splunk has named an event, and then taken it. */
  #trusting = true;

  constructor(events: number) {
    this.open = events;
    this.#request_max = events;
  }

  /** How many of the open events, from the first on, the next request holds. */
  get next(): number {
    const suspects = this.#suspects;
    return Math.min(suspects === 0 ? this.open : Math.ceil(suspects / 2), this.#request_max);
  }

  /**
   * The refusal that is the first event's, where it must be that although the event was not sent alone: it was in
   * two requests that were refused, and Splunk has taken all others of the smaller one. After one refusal only,
   * it is still sent alone.
   */
  get found(): Narrowing | undefined {
    return this.#suspects === 1 && this.#refusals > 1 ? this.#cause : undefined;
  }

  /** The first `count` events are taken. */
  taken(count: number): void {
    if (this.#named && count > 0) this.#trusting = false;
    this.open -= count;
    if (count < this.#suspects) this.#suspects -= count;
    else this.#forget();
  }

  /** A request with the first `sent` events was refused. Gives how many of them are taken all the same. */
  refused(sent: number, refusal: Narrowing): number {
    if (refusal.kind === "halve") {
      this.#request_max = Math.ceil(sent / 2);
      return 0;
    }
    this.#cause = refusal;
    if (refusal.kind === "isolate" && this.#trusting) {
      this.#forget();
      this.open -= refusal.taken;
      this.#suspects = 1;
      this.#named = true;
      return refusal.taken;
    }
    this.#suspects = sent;
    this.#refusals += 1;
    return 0;
  }

  /** It may not be the events why Splunk refuses them: what was learned counts no more, and the first goes alone. */
  doubt(): void {
    this.#forget();
    this.#suspects = 1;
  }

  /** The first event has ended elsewhere. */
  quarantined(): void {
    this.#forget();
    this.open -= 1;
  }

  #forget(): void {
    this.#suspects = 0;
    this.#refusals = 0;
    this.#named = false;
  }
}
