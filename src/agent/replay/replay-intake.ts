/**
 * The way of an input's replayed events: each goes through the chain that is in force when it is read. A replay may last, and a
 * redact step that a reload adds meanwhile is for the rest of it, too.
 */
import type { Block } from "../../event/block.ts";
import type { Intake } from "../../inputs/input.ts";
import type { Setup } from "../setup/setup.ts";
import type { ReplayedInto } from "./replay-reader.ts";

export class ReplayIntake implements ReplayedInto {
  readonly #setup: () => Setup;
  readonly #make: (setup: Setup) => Promise<Intake>;
  #made_for: Setup;
  #intake: Intake;

  private constructor(
    setup: () => Setup,
    make: (setup: Setup) => Promise<Intake>,
    [made_for, intake]: readonly [Setup, Intake],
  ) {
    this.#setup = setup;
    this.#make = make;
    this.#made_for = made_for;
    this.#intake = intake;
  }

  /** `make` gives the way under a configuration. Rejects as it does. */
  static async open(
    setup: () => Setup,
    make: (setup: Setup) => Promise<Intake>,
  ): Promise<ReplayIntake> {
    const in_force = setup();
    return new ReplayIntake(setup, make, [in_force, await make(in_force)]);
  }

  /** Comes before each event is read: goes by the configuration in force. Rejects where there is no way under that. */
  prepare(): Promise<void> | undefined {
    return this.#made_for === this.#setup() ? undefined : this.#change();
  }

  accept(block: Block): Promise<void> | undefined {
    return this.#intake.accept(block);
  }

  room(input: string): Promise<void> | undefined {
    return this.#intake.room(input);
  }

  idle(): void {
    this.#intake.idle();
  }

  async #change(): Promise<void> {
    this.#intake.idle();
    while (this.#made_for !== this.#setup()) {
      const in_force = this.#setup();
      this.#intake = await this.#make(in_force);
      this.#made_for = in_force;
    }
  }
}
