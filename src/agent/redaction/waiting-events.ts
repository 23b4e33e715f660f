/**
 * What a reload means for events that wait: they have been through the former chain, and the redact steps that are new are
 * applied to them. What waits in memory is handed over by the outputs for that, at once; what waits in a journal has them done
 * when it is read; what is in flight cannot be reached.
 */
import { own_input } from "../../config/config.ts";
import type { NamedOutput } from "../../config/outputs.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import type { Output } from "../../output/output.ts";
import type { Quarantine } from "../../output/quarantine/quarantine.ts";
import { same } from "../../platform/same.ts";
import type { WaitingReport } from "../../admin/status/waiting-report.ts";
import { HandedOver, type PassedSteps } from "./handed-over.ts";
import type { Redaction } from "./redaction.ts";

/** The chain of an input, as far as it matters for what has been through another. */
export interface InputChain {
  readonly name: string;
  readonly redaction: Redaction;
  /** What it does beside its redact steps, to be compared. */
  readonly other_steps: unknown;
}

/** The outputs, as far as they have to hand over what waits in them. */
export interface RenewableOutputs {
  makeAll(outputs: readonly NamedOutput[]): Map<string, Output>;
  replace(outputs: readonly NamedOutput[], made: ReadonlyMap<string, Output>): void;
  /** Events in flight of those that were replaced. */
  readonly held_events: number;
}

export interface WaitingEventsDeps {
  /** Those of the configuration in force. */
  inputs: () => readonly InputChain[];
  ledger: Ledger;
  quarantine: Pick<Quarantine, "add">;
}

/** What is ready to be done with what waits when another configuration comes into force. */
export interface PreparedWaiting {
  /** Comes right after that, and before outputs are removed. Undefined where nothing waits that another chain would change. */
  use(): WaitingReport | undefined;
  undo(): void;
}

export class WaitingEvents {
  readonly handed_over: HandedOver;
  readonly #deps: WaitingEventsDeps;
  /** What all that waits in outputs has been through. */
  #passed: PassedSteps;

  constructor(deps: WaitingEventsDeps) {
    this.#deps = deps;
    this.#passed = passedBy(deps.inputs());
    this.handed_over = new HandedOver({
      passed: () => this.#passed,
      redactionOf: (input) => deps.inputs().find(({ name }) => name === input)?.redaction,
      ledger: deps.ledger,
      quarantine: deps.quarantine,
    });
  }

  /**
   * `frees_index` where what waits is to be handed over for the sake of its index. Throws a TallymanError where the redact
   * steps or the outputs cannot be made once more; nothing is left open then.
   */
  async prepare(
    next: readonly InputChain[],
    outputs: RenewableOutputs,
    named: readonly NamedOutput[],
    frees_index: boolean,
  ): Promise<PreparedWaiting> {
    // The former ones: it is called before `next` is in force.
    const former = this.#deps.inputs();
    const is_renewed = frees_index || next.some((input) => addsSteps(input, this.#passed));
    if (is_renewed || outputs.held_events > 0) {
      await Promise.all(next.map(({ redaction }) => redaction.prepare()));
    }
    const made = is_renewed ? outputs.makeAll(named) : new Map<string, Output>();
    return {
      use: () => {
        // Requests that failed meanwhile have handed over, too.
        this.handed_over.takeCounts();
        if (is_renewed) outputs.replace(named, made);
        const report = this.#report(former, next, is_renewed ? outputs.held_events : 0);
        // What waits of an input that is removed may be met again where it comes back.
        this.#passed = new Map([...this.#passed, ...passedBy(next)]);
        return report;
      },
      undo: () => {
        for (const output of made.values()) void output.close();
      },
    };
  }

  #report(
    former: readonly InputChain[],
    next: readonly InputChain[],
    in_flight: number,
  ): WaitingReport | undefined {
    const { redacted, changed } = this.handed_over.takeCounts();
    const books = this.#deps.ledger.books().inputs;
    let events = 0;
    let unread = 0;
    let other_steps = false;
    for (const input of next) {
      const before = former.find(({ name }) => name === input.name);
      const waiting = books[input.name]?.in_flight ?? 0;
      if (waiting === 0) continue;
      const is_other = before !== undefined && !same(before.other_steps, input.other_steps);
      const is_stricter = addsSteps(input, this.#passed);
      other_steps ||= is_other;
      if (is_other || is_stricter) events += waiting;
      if (is_stricter) unread += this.#deps.ledger.unread(input.name);
    }
    // Tallyman's own events go through no chain.
    const names = new Set([own_input, ...next.map(({ name }) => name)]);
    const removed = Object.entries(books)
      .filter(([name]) => !names.has(name))
      .reduce((sum, [, { in_flight: waiting }]) => sum + waiting, 0);
    if (events === 0 && removed === 0) return undefined;
    return { events, redacted, changed, journaled: unread, in_flight, removed, other_steps };
  }
}

function passedBy(inputs: readonly InputChain[]): PassedSteps {
  return new Map(inputs.map(({ name, redaction }) => [name, redaction.steps]));
}

/** Whether it has redact steps that events of the input that wait have not been through. */
function addsSteps({ name, redaction }: InputChain, passed: PassedSteps): boolean {
  const steps = passed.get(name);
  return steps !== undefined && !redaction.isCoveredBy(steps);
}
