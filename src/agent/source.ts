/**
 * Where events come from, as the agent sees it: an input with all that stands between it and the pipeline.
 */
import type { Input, InputCondition, Intake } from "../inputs/input.ts";
import type { JournalStatus } from "../journal/journal.ts";
import type { LedgerState } from "../ledger/state.ts";

/** How a source is, at one moment. */
export interface SourceStatus extends Omit<InputCondition, "type"> {
  /** `journal` is what an input has left behind that is not configured any more. */
  readonly type: InputCondition["type"] | "journal";
  readonly journals: readonly JournalStatus[];
}

export interface Source {
  readonly name: string;
  /** Resolves when nothing will ever come in again; undefined where that does not happen by itself. */
  readonly ended: Promise<void> | undefined;
  /** Throws a TallymanError for what the user can mend. */
  start(): Promise<void>;
  /** Takes in and reads nothing more. */
  stop(): Promise<void>;
  /** Says which state is safely written. */
  saved(state: LedgerState): void;
  /** Closes what is open. Comes last, after the last state was written. */
  close(): Promise<void>;
  /** Missing where there is nothing to show. */
  status?(): SourceStatus;
}

/** An input whose streams can be read again, such as files: it needs nothing else. */
export class ReadableSource implements Source {
  readonly name: string;
  readonly ended = undefined;
  readonly #input: Input;
  readonly #intake: Intake;

  constructor(input: Input, intake: Intake) {
    this.name = input.name;
    this.#input = input;
    this.#intake = intake;
  }

  start(): Promise<void> {
    return this.#input.start(this.#intake);
  }

  stop(): Promise<void> {
    return this.#input.stop();
  }

  status(): SourceStatus {
    return { ...this.#input.status(), journals: [] };
  }

  saved(): void {
    // A file is not changed by having been read.
  }

  async close(): Promise<void> {
    // Stopping has closed everything.
  }
}
