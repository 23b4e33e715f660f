/**
 * The way out of a journal for events that have been through a former chain: the redact steps that are new since then are
 * done first. All other blocks pass as they are.
 */
import type { Block } from "../../event/block.ts";
import type { JournalIntake } from "../../journal/reader.ts";
import type { Clock } from "../../platform/clock.ts";
import { messageOf } from "../../platform/errors.ts";
import type { Logger } from "../../platform/log.ts";
import { Reminder } from "../../platform/reminder.ts";
import type { Redaction } from "./redaction.ts";

const retry_interval_ms = 1000;

export interface RedactingIntakeDeps {
  intake: JournalIntake;
  /** Whose journal it is. */
  input: string;
  /** Of the input, as it is configured now; undefined where it is not any more. */
  redaction: () => Redaction | undefined;
  clock: Clock;
  log: Logger;
  /** When it is aborted, what still waits for its redaction is left to the next start. */
  stop: AbortSignal;
}

export class RedactingIntake implements JournalIntake {
  readonly #deps: RedactingIntakeDeps;
  readonly #reminder: Reminder<"failed">;
  /** What has been reported to apply to events that wait. */
  #reported: Redaction | undefined;

  constructor(deps: RedactingIntakeDeps) {
    this.#deps = deps;
    this.#reminder = new Reminder(deps.clock);
  }

  accept(block: Block): Promise<void> | undefined {
    const { intake, redaction } = this.#deps;
    const current = redaction();
    if (current === undefined || isCovered(block, current)) return intake.accept(block);
    this.#report(current);
    return current.is_ready ? this.#redact(block, current) : this.#redactLater(block, current);
  }

  idle(): void {
    this.#deps.intake.idle();
  }

  #redact(block: Block, redaction: Redaction): Promise<void> | undefined {
    return this.#deps.intake.accept(redaction.redact(block, stepsOf(block)).block);
  }

  async #redactLater(block: Block, redaction: Redaction): Promise<void> {
    const { clock, stop } = this.#deps;
    try {
      await redaction.prepare();
    } catch (cause) {
      this.#failed(cause);
      await clock.sleep(retry_interval_ms, stop);
    }
    // A reload may have come in between.
    if (!stop.aborted) await this.accept(block);
  }

  #report(redaction: Redaction): void {
    if (redaction === this.#reported) return;
    this.#reported = redaction;
    const { input, log } = this.#deps;
    log.info(
      "journal_redacted_again",
      { input },
      "Events of a journal have been through a former chain. The redact steps that are new since then are applied to them.",
    );
  }

  #failed(cause: unknown): void {
    if (this.#reminder.due("failed") === 0) return;
    const { input, log } = this.#deps;
    log.error(
      "journal_redaction_failed",
      { input, error: messageOf(cause) },
      "Events of a journal wait: redact steps that are new since then cannot be created. Trying again every second.",
    );
  }
}

function isCovered({ redacted = [] }: Block, redaction: Redaction): boolean {
  for (const { steps } of redacted) if (!redaction.isCoveredBy(steps)) return false;
  return true;
}

/** Says of the records of a block, asked in their order, which redact steps each has been through. */
function stepsOf({ redacted = [] }: Block): (number: number) => string {
  let run = 0;
  return (number) => {
    while (redacted[run + 1] !== undefined && redacted[run + 1]!.from <= number) run += 1;
    return redacted[run]?.steps ?? "";
  };
}
