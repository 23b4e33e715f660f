/**
 * The way of an input's replayed events: each goes through the chain that is in force when it is read, and one that has waited in the
 * middle of a chain begins again where that is another one then. A replay may last, and a redact step that a reload adds meanwhile is
 * for the rest of it, too.
 */
import type { Chain } from "../../chain/chain.ts";
import type { Block, ChainKind } from "../../event/block.ts";
import { Verdict } from "../../event/event.ts";
import { type Downstream, Pipeline } from "../flow/pipeline.ts";
import type { Setup } from "../setup/setup.ts";
import type { ReplayedInto } from "./replay-reader.ts";

/** What it goes through under a configuration. */
export interface ReplayChain {
  readonly chain: Chain;
  /** Whether it is the common chain, for an input that is not configured any more. */
  readonly stands_in: boolean;
}

export interface ReplayIntakeDeps {
  /** What is in force. */
  readonly setup: () => Setup;
  /** Gives the chain under a configuration. Rejects where there is none. */
  readonly make: (setup: Setup) => Promise<ReplayChain>;
  readonly downstream: Downstream;
}

/** The common chain may lack the redact steps that the input had in its own. */
const without_its_chain = new Verdict(
  "quarantined",
  "input_removed",
  "the input is not configured any more, and may have had a chain of its own: configure it again, and replay then",
);

export class ReplayIntake implements ReplayedInto {
  readonly #deps: ReplayIntakeDeps;
  readonly #pipeline: Pipeline;
  #made_for: Setup;
  #made: ReplayChain;

  private constructor(deps: ReplayIntakeDeps, made_for: Setup, made: ReplayChain) {
    this.#deps = deps;
    this.#made_for = made_for;
    this.#made = made;
    const prepare = (): Promise<void> | undefined => this.prepare();
    this.#pipeline = new Pipeline(made.chain, { ...deps.downstream, prepare });
  }

  /** Rejects as `make` does. */
  static async open(deps: ReplayIntakeDeps): Promise<ReplayIntake> {
    const in_force = deps.setup();
    return new ReplayIntake(deps, in_force, await deps.make(in_force));
  }

  /** Comes before each event is read: goes by the configuration in force. Rejects where there is no way under that. */
  prepare(): Promise<void> | undefined {
    return this.#made_for === this.#deps.setup() ? undefined : this.#change();
  }

  /** Why an event cannot go this way, by the chain that its input had. To be asked when it is about to. */
  refusalOf(had: ChainKind | undefined): Verdict | undefined {
    return this.#made.stands_in && had !== "common" ? without_its_chain : undefined;
  }

  accept(block: Block): Promise<void> | undefined {
    return this.#pipeline.accept(block);
  }

  room(input: string): Promise<void> | undefined {
    return this.#pipeline.room(input);
  }

  idle(): void {
    this.#pipeline.idle();
  }

  async #change(): Promise<void> {
    const { setup, make } = this.#deps;
    while (this.#made_for !== setup()) {
      const in_force = setup();
      this.#made = await make(in_force);
      this.#made_for = in_force;
    }
    this.#pipeline.use(this.#made.chain);
  }
}
