/**
 * All taps of an agent: a few at most. While there is none, nothing watches what is delivered.
 */
import type { Client } from "../../admin/route.ts";
import type { TapRequest } from "../../admin/tap/tap-messages.ts";
import type { DeliveryWatch } from "../../output/delivered.ts";
import type { Clock, Timer } from "../../platform/clock.ts";
import { traceOf } from "../../platform/errors.ts";
import type { Logger } from "../../platform/log.ts";
import { suggestion } from "../../platform/text/suggest.ts";
import { Tap } from "./tap.ts";

export const taps_max = 4;

const count_interval_ms = 1000;
/** How long a tap gathers events for one write. */
const gathering_ms = 100;

export interface TapsDeps {
  readonly watch: DeliveryWatch;
  readonly clock: Clock;
  readonly log: Logger;
  /** The names of the inputs and outputs that there are. */
  readonly names: () => { readonly inputs: readonly string[]; readonly outputs: readonly string[] };
}

export class Taps {
  readonly #deps: TapsDeps;
  readonly #taps = new Set<Tap>();
  #timer: Timer | undefined;
  /** Has what is gathered written. */
  #writing: Timer | undefined;

  constructor(deps: TapsDeps) {
    this.#deps = deps;
  }

  /** Why the request cannot be met; undefined where it can. */
  refusal({ input, output }: TapRequest): string | undefined {
    if (this.#taps.size >= taps_max)
      return `there are ${taps_max} taps, which is the most; end one`;
    const { inputs, outputs } = this.#deps.names();
    return unknown("input", input, inputs) ?? unknown("output", output, outputs);
  }

  /** Gives a client what is delivered from now on, as far as it asks for it. */
  open(request: TapRequest, client: Client): void {
    const { clock, log } = this.#deps;
    if (client.gone.aborted) return;
    // Others may have come since that was asked.
    const refusal = this.refusal(request);
    if (refusal !== undefined) return client.end(`${JSON.stringify({ end: refusal })}\n`);
    const tap = new Tap(request, client, clock);
    this.#taps.add(tap);
    client.gone.addEventListener("abort", () => this.#close(tap), { once: true });
    this.#deps.watch.passed = (output, events, count) => this.#pass(output, events, count);
    this.#timer ??= this.#countLater();
    const { input, output, rate } = request;
    const facts = { input, output, rate, taps: this.#taps.size };
    log.info("tap_opened", facts, "Somebody watches events pass (`tallyman tap`).");
  }

  /** Ends all of them, and says why to who watches. */
  end(reason: string): void {
    for (const tap of this.#taps) tap.end(reason);
  }

  /** Never throws: the flow is not to suffer from who watches it. */
  #pass(...[output, events, count]: Parameters<NonNullable<DeliveryWatch["passed"]>>): void {
    this.#each((tap) => tap.pass(output, events, count));
    const has_gathered = [...this.#taps].some((tap) => tap.has_gathered);
    if (has_gathered) this.#writing ??= this.#deps.clock.after(gathering_ms, () => this.#write());
  }

  #write(): void {
    this.#writing = undefined;
    this.#each((tap) => tap.write());
  }

  /** Never throws. */
  #each(call: (tap: Tap) => void): void {
    for (const tap of this.#taps) {
      try {
        call(tap);
      } catch (thrown) {
        this.#deps.log.error(
          "tap_failed",
          traceOf(thrown),
          "A bug: a tap has failed, and is closed.",
        );
        tap.end("the agent could not go on; see its log");
      }
    }
  }

  #close(tap: Tap): void {
    this.#taps.delete(tap);
    const facts = { taps: this.#taps.size };
    this.#deps.log.info("tap_closed", facts, "A tap is closed.");
    if (this.#taps.size > 0) return;
    this.#deps.watch.passed = undefined;
    this.#timer?.cancel();
    this.#writing?.cancel();
    this.#timer = this.#writing = undefined;
  }

  #countLater(): Timer {
    return this.#deps.clock.after(count_interval_ms, () => {
      this.#each((tap) => tap.count());
      this.#timer = this.#countLater();
    });
  }
}

function unknown(
  what: "input" | "output",
  name: string | undefined,
  names: readonly string[],
): string | undefined {
  if (name === undefined || names.includes(name)) return undefined;
  return `there is no ${what} ${JSON.stringify(name)}${suggestion(name, names)}`;
}
