/**
 * Which inputs have been silent for longer than they should: no event for `expect_every`.
 *
 * It is said once when it begins, and once when an event comes again, whatever a reload changes meanwhile. An input that is
 * not read for want of room is not taken for silent: nobody knows what its writers do.
 */
import type { Clock } from "../../platform/clock.ts";
import type { Logger } from "../../platform/log.ts";

/** An input as it is now. */
export interface HeardInput {
  readonly name: string;
  /** Milliseconds; undefined where nobody expects anything. */
  readonly expect_every: number | undefined;
  /** Events that its chain has been given. It begins again with another chain. */
  readonly events: number;
  /** Whether it is not read for want of room. Asked only where it would be silent. */
  readonly isHeld: () => boolean;
}

/** How long an input has been silent. */
export interface Silence {
  readonly expect_every_ms: number | undefined;
  readonly silent_ms: number;
  /** Whether that is longer than it should be. */
  readonly is_silent: boolean;
}

/** What is recorded for Splunk. */
export interface SilenceEvent {
  readonly event: "silent" | "heard";
  readonly input: string;
  /** When its last event came, or when it was started, if none has. */
  readonly since: string;
  readonly expect_every_s: number;
  /** Of `heard`: for how long none had come. */
  readonly duration_s?: number;
}

/** Events that nobody takes, at most. */
const untaken_max = 1000;

interface Heard {
  events: number;
  /** Of the last event; monotonic, and the wall clock's. */
  at_ms: number;
  wall_ms: number;
  expect_every: number | undefined;
  is_silent: boolean;
  /** Whether it was not read for want of room when it was last looked at. */
  is_held: boolean;
}

export class SilenceWatch {
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #inputs = new Map<string, Heard>();
  #untaken: SilenceEvent[] = [];

  constructor(clock: Clock, log: Logger) {
    this.#clock = clock;
    this.#log = log;
  }

  /** Takes note of all inputs that there are, and reports what has changed. */
  look(inputs: readonly HeardInput[]): void {
    const names = new Set(inputs.map(({ name }) => name));
    for (const name of this.#inputs.keys()) if (!names.has(name)) this.#inputs.delete(name);
    for (const input of inputs) this.#lookAt(input);
  }

  /** Undefined where there is no such input. */
  of(name: string): Silence | undefined {
    const heard = this.#inputs.get(name);
    if (heard === undefined) return undefined;
    const { expect_every: expect_every_ms, at_ms, is_silent } = heard;
    return { expect_every_ms, silent_ms: this.#clock.monotonic() - at_ms, is_silent };
  }

  /** The events that are not recorded yet. */
  take(): SilenceEvent[] {
    return this.#untaken.splice(0);
  }

  #lookAt({ name, expect_every, events, isHeld }: HeardInput): void {
    const now_ms = this.#clock.monotonic();
    const heard = this.#inputs.get(name);
    if (heard === undefined) {
      const wall_ms = this.#clock.now();
      const none = { is_silent: false, is_held: false };
      this.#inputs.set(name, { events, at_ms: now_ms, wall_ms, expect_every, ...none });
      return;
    }
    heard.expect_every = expect_every;
    const has_come = events > heard.events || (events < heard.events && events > 0);
    heard.events = events;
    const silent_ms = now_ms - heard.at_ms;
    if (expect_every === undefined) heard.is_silent = false;
    else if (has_come && heard.is_silent) this.#backAgain(name, heard, silent_ms);
    else if (!heard.is_silent && (heard.is_held || silent_ms > expect_every)) {
      heard.is_held = !has_come && isHeld();
    }
    if (has_come || heard.is_held) this.#note(heard);
    else if (expect_every !== undefined && !heard.is_silent && silent_ms > expect_every)
      this.#fallSilent(name, heard);
  }

  #note(heard: Heard): void {
    heard.at_ms = this.#clock.monotonic();
    heard.wall_ms = this.#clock.now();
  }

  #fallSilent(input: string, heard: Heard): void {
    heard.is_silent = true;
    const { since, expect_every_s } = this.#report("silent", input, heard);
    this.#log.warn(
      "input_silent",
      { input, since, expect_every_s },
      "No event has come in for longer than `expect_every` of the input. Is its writer running?",
    );
  }

  #backAgain(input: string, heard: Heard, silent_ms: number): void {
    heard.is_silent = false;
    const duration_s = Math.round(silent_ms / 1000);
    const { since } = this.#report("heard", input, heard, { duration_s });
    this.#log.info("input_heard", { input, since, duration_s }, "Events come in again.");
  }

  #report(
    event: SilenceEvent["event"],
    input: string,
    { wall_ms, expect_every = 0 }: Heard,
    more: Pick<SilenceEvent, "duration_s"> = {},
  ): SilenceEvent {
    const since = new Date(wall_ms).toISOString();
    const reported = { event, input, since, expect_every_s: expect_every / 1000, ...more };
    if (this.#untaken.length < untaken_max) this.#untaken.push(reported);
    return reported;
  }
}
