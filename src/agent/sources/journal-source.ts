/**
 * A journal that is read: what is in it goes to its intake, and what is settled and written so is removed from it.
 */
import { Journal, type JournalDeps, type JournalStatus } from "../../journal/journal.ts";
import type { JournalOptions } from "../../journal/options.ts";
import type { JournalIntake } from "../../journal/reader.ts";
import type { Source } from "./source.ts";

export class JournalSource implements Source {
  readonly name: string;
  /** Whether nothing is put into it any more: it is removed at the end then, when all in it is shipped. */
  is_left_behind: boolean | undefined;
  readonly #deps: JournalDeps;
  readonly #intake: JournalIntake;
  #journal: Journal | undefined;

  constructor(deps: JournalDeps, intake: JournalIntake) {
    this.name = deps.input;
    this.#deps = deps;
    this.#intake = intake;
  }

  /** Only once it is started. */
  get journal(): Journal {
    return this.#journal!;
  }

  get is_open(): boolean {
    return this.#journal !== undefined;
  }

  /** May be called again. Throws TallymanError state_unwritable. */
  async start(): Promise<void> {
    if (this.#journal !== undefined) return;
    this.#journal = await Journal.open(this.#deps);
    this.#journal.start(this.#intake);
  }

  /** Uses other options from now on. */
  change(options: JournalOptions): void {
    this.#deps.options = options;
    this.#journal?.change(options);
  }

  /** None before the start. */
  status(): JournalStatus[] {
    return this.#journal === undefined ? [] : [this.#journal.status()];
  }

  async stop(): Promise<void> {
    await this.#journal?.stop();
  }

  async close(): Promise<void> {
    await this.#journal?.close();
    if (this.is_left_behind === true) await this.#journal?.removeIfSpent();
  }
}
