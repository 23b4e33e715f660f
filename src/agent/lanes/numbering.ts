/**
 * Has events numbered as the configuration says, from the start on and over reloads: what decides which numbers they get is in the
 * written state before any event goes by it.
 */
import { outputsOf, type NamedOutput } from "../../config/outputs.ts";
import type { Beginning, Epoch } from "../../ledger/lanes/epoch.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import type { StateSaver } from "../../ledger/state-saver.ts";
import { messageOf, TallymanError } from "../../platform/errors.ts";
import { laneId } from "../../proof/format/place.ts";
import type { Outputs } from "../outputs/outputs.ts";
import type { Setup } from "../setup/setup.ts";
import { behaviourOf, isNumbered } from "./behaviour.ts";

export interface NumberingDeps {
  ledger: Ledger;
  saver: Pick<StateSaver, "write">;
  outputs: Pick<Outputs, "number">;
}

export class Numbering {
  readonly #deps: NumberingDeps;

  constructor(deps: NumberingDeps) {
    this.#deps = deps;
  }

  /** Comes before any event. `begun` is called when the epoch has begun, before it is written. Throws TallymanError state_unwritable. */
  async start(setup: Setup, begun: () => void): Promise<void> {
    this.#deps.ledger.lanes.idOf = laneId;
    const must_be_written = this.#epoch.begin(behaviourIn(setup));
    begun();
    if (must_be_written) await this.#write(setup);
    this.#number(setup);
  }

  /**
   * Has events numbered by `next` once what `prepare` gives is called; `prepare` is called when that may be. Throws TallymanError
   * state_unwritable, or what `prepare` throws, and all goes by the former one then.
   */
  async change<Done>(
    former: Setup,
    next: Setup,
    prepare: () => Promise<() => Done>,
  ): Promise<() => Done> {
    const behaviour = behaviourIn(next);
    const matters = behaviour !== undefined || this.#epoch.is_on;
    let change: () => Done;
    try {
      if (matters) {
        this.#announce(behaviour);
        await this.#write(next);
      }
      change = await prepare();
    } catch (cause) {
      if (matters) this.#undoAnnouncement(former);
      throw cause;
    }
    return () => {
      this.#epoch.use(behaviour);
      this.#number(next);
      return change();
    };
  }

  /** What was announced does not come into force. */
  #undoAnnouncement(former: Setup): void {
    const behaviour = behaviourIn(former);
    this.#announce(behaviour);
    this.#epoch.use(behaviour);
    this.#deps.ledger.changed();
  }

  /** Nothing comes in or is settled any more. Comes before the last write. */
  end(): void {
    this.#epoch.end();
    if (this.#epoch.state !== undefined) this.#deps.ledger.changed();
  }

  #announce(behaviour: Beginning | undefined): void {
    const { ledger } = this.#deps;
    ledger.lanes.announce(behaviour, ledger.streams());
  }

  get #epoch(): Epoch {
    return this.#deps.ledger.lanes.epoch;
  }

  #number({ config }: Setup): void {
    this.#deps.outputs.number((output: NamedOutput) => isNumbered(config, output));
  }

  async #write({ config }: Setup): Promise<void> {
    try {
      await this.#deps.saver.write();
    } catch (cause) {
      const { state_dir } = config;
      throw new TallymanError(
        "state_unwritable",
        `cannot write the state in ${state_dir}, which numbers of events need: ${messageOf(cause)}`,
        { file: state_dir },
        { cause },
      );
    }
  }
}

function behaviourIn(setup: Setup): Beginning | undefined {
  return behaviourOf(setup, outputsOf(setup.config));
}
