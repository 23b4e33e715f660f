/**
 * Where the events of one pipeline go: by the output that a step has routed each to, and else to the default one.
 *
 * An event can come from a journal with the name of an output that there is no more. It goes to the default output then,
 * and that is said in the log: it is never left behind.
 */
import type { Logger } from "../../platform/log.ts";
import type { Destination } from "../outputs/destination.ts";
import type { Outputs } from "../outputs/outputs.ts";

export interface Routes {
  /** The destination of an event with this name in its metadata. */
  of(output: string | undefined): Destination;
}

export class NamedRoutes implements Routes {
  readonly #outputs: Outputs;
  /** What is before outputs, by their names. */
  #before: ReadonlyMap<string, Destination>;
  readonly #log: Logger;
  readonly #unknown = new Set<string>();

  constructor(outputs: Outputs, log: Logger, before: ReadonlyMap<string, Destination> = new Map()) {
    this.#outputs = outputs;
    this.#before = before;
    this.#log = log;
  }

  /** Puts other things in front of outputs from now on. */
  change(before: ReadonlyMap<string, Destination>): void {
    this.#before = before;
  }

  of(output: string | undefined): Destination {
    const { default_name } = this.#outputs;
    const named = output === undefined ? default_name : output;
    const known = this.#outputs.get(named);
    if (known === undefined) this.#report(named);
    const name = known === undefined ? default_name : named;
    return this.#before.get(name) ?? known ?? this.#outputs.default;
  }

  #report(output: string): void {
    if (this.#unknown.has(output)) return;
    this.#unknown.add(output);
    this.#log.error(
      "events_without_output",
      { output, default_output: this.#outputs.default_name },
      "Events name an output that is not configured any more. They go to the default output.",
    );
  }
}
