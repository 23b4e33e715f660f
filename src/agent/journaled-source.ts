/**
 * A journal, and the input that fills it: what comes in is kept before it is acknowledged, and shipped from there.
 */
import type { Chain } from "../chain/chain.ts";
import type { DurableInput, Intake } from "../inputs/input.ts";
import { Journal, type JournalFacts } from "../journal/journal.ts";
import type { LedgerState } from "../ledger/state.ts";
import { DurablePipeline } from "./durable-pipeline.ts";
import type { Source, SourceStatus } from "./source.ts";

/** What fills the journal. */
export interface Filler {
  input: DurableInput;
  chain: Chain;
  mask: (text: string) => string;
}

export class JournaledSource implements Source {
  readonly name: string;
  readonly ended: Promise<void> | undefined;
  readonly #facts: JournalFacts;
  readonly #intake: Intake;
  readonly #filler: Filler | undefined;
  #journal: Journal | undefined;

  /** Without a filler, the journal is what an input left behind that is not configured any more. */
  constructor(facts: JournalFacts, intake: Intake, filler?: Filler) {
    this.name = facts.input;
    this.#facts = facts;
    this.#intake = intake;
    this.#filler = filler;
    this.ended = filler === undefined ? Promise.resolve() : filler.input.ended;
  }

  async start(): Promise<void> {
    const journal = await Journal.open(this.#facts);
    this.#journal = journal;
    journal.start(this.#intake);
    if (this.#filler === undefined) return;
    const { input, chain, mask } = this.#filler;
    await input.start(new DurablePipeline(chain, journal, mask));
  }

  /** The input first, so that what it still delivers is kept. */
  async stop(): Promise<void> {
    await this.#filler?.input.stop();
    await this.#journal?.stop();
  }

  status(): SourceStatus {
    const condition = this.#filler?.input.status() ?? { type: "journal" as const };
    return { ...condition, journals: this.#journal === undefined ? [] : [this.#journal.status()] };
  }

  saved({ streams }: LedgerState): void {
    const own = streams.find(({ id }) => id === this.#journal?.stream_id);
    if (own !== undefined) this.#journal?.saved(own.checkpoint);
  }

  /** What is left behind, and has all been shipped, goes. */
  async close(): Promise<void> {
    await this.#journal?.close();
    if (this.#filler === undefined) await this.#journal?.removeIfSpent();
  }
}
