/**
 * What outputs hand over: events that wait in memory, and have been through the chain that was in force when their output was
 * retired. The redact steps that are new since then are done before another output has them.
 */
import { LogEvent } from "../../event/log-event.ts";
import { Scanner } from "../../event/scanner.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import type { Successor } from "../../output/output.ts";
import type { Quarantine } from "../../output/quarantine/quarantine.ts";
import type { Redaction } from "./redaction.ts";

/** By input, the redact steps that its events have been through. */
export type PassedSteps = ReadonlyMap<string, string>;

export interface HandedOverDeps {
  /** What all that waits in outputs has been through. */
  passed: () => PassedSteps;
  /** Of an input as it is configured now; undefined where it is not. */
  redactionOf: (input: string) => Redaction | undefined;
  ledger: Ledger;
  quarantine: Pick<Quarantine, "add">;
}

/** Events that were handed over. */
export interface HandedCounts {
  /** Those to which new redact steps were applied. */
  redacted: number;
  /** Those of them that were changed by that, or ended. */
  changed: number;
}

export class HandedOver {
  readonly #deps: HandedOverDeps;
  readonly #scanner = new Scanner([]);
  #counts: HandedCounts = { redacted: 0, changed: 0 };

  constructor(deps: HandedOverDeps) {
    this.#deps = deps;
  }

  /** For an output that is retired now: gives what it hands over, now or later, to `successor` as it is to be sent then. */
  before(successor: Successor): Successor {
    const passed = this.#deps.passed();
    return {
      add: (event) => {
        const redacted = this.#redact(event, passed);
        if (redacted !== undefined) successor.add(redacted);
      },
    };
  }

  /** Counts from the last call on. */
  takeCounts(): HandedCounts {
    const counts = this.#counts;
    this.#counts = { redacted: 0, changed: 0 };
    return counts;
  }

  /** Undefined where a step has ended the event. */
  #redact(event: LogEvent, passed: PassedSteps): LogEvent | undefined {
    const { input } = event.block.origin;
    const redaction = this.#deps.redactionOf(input);
    const steps = passed.get(input);
    // An input that is new has been through its chain alone.
    if (redaction === undefined || steps === undefined) return event;
    if (redaction.isCoveredBy(steps)) return event;
    const { block, changed } = redaction.redact(event.block, () => steps);
    this.#counts.redacted += 1;
    this.#counts.changed += changed;
    const redacted = new LogEvent(block, 0, this.#scanner);
    const verdict = block.known?.[0]?.verdict;
    const { place } = event;
    redacted.place = place;
    if (place !== undefined) {
      if (verdict !== undefined) block.receipt.withhold(place, verdict.fate);
      else if (changed > 0) block.receipt.spoil(place, "redacted");
    }
    if (verdict === undefined) return redacted;
    const { ledger, quarantine } = this.#deps;
    if (verdict.fate === "quarantined") quarantine.add(redacted, verdict);
    else block.receipt.settle(ledger.account(verdict.fate, verdict.reason), 1);
    return undefined;
  }
}
