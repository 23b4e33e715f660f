/**
 * An input of events that exist once, while it runs: what comes in goes through its chain into its journal.
 */
import { HecInput } from "../inputs/hec/hec-input.ts";
import type { DurableInput, InputCondition } from "../inputs/input.ts";
import { SocketInput } from "../inputs/socket/socket-input.ts";
import { StdinInput } from "../inputs/stdin/stdin-input.ts";
import { journalOptionsOf } from "../journal/options.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Clock } from "../platform/clock.ts";
import type { Logger } from "../platform/log.ts";
import type { CompiledInput } from "./compile.ts";
import { DurablePipeline } from "./durable-pipeline.ts";
import type { InputSetup, InputSource } from "./input-source.ts";
import type { JournalSource } from "./journal-source.ts";
import type { NamedRoutes } from "./routes.ts";

export interface DurableServices {
  ledger: Ledger;
  clock: Clock;
  log: Logger;
}

export interface DurableSourceFacts {
  setup: InputSetup;
  services: DurableServices;
  /** Started before this. */
  journal: JournalSource;
  /** From the journal to the outputs. */
  routes: NamedRoutes;
  mask: (text: string) => string;
}

type DurableOptions = Exclude<CompiledInput["options"], { type: "file" }>;

export class DurableSource implements InputSource {
  readonly name: string;
  readonly #facts: DurableSourceFacts;
  #setup: InputSetup;
  #pipeline: DurablePipeline | undefined;
  #input: DurableInput | undefined;

  constructor(facts: DurableSourceFacts) {
    this.name = facts.setup.compiled.name;
    this.#facts = facts;
    this.#setup = facts.setup;
  }

  get setup(): InputSetup {
    return this.#setup;
  }

  get ended(): Promise<void> | undefined {
    return this.#input?.ended;
  }

  async start(): Promise<void> {
    const { journal, mask, services } = this.#facts;
    const { name, options, origin, chain } = this.#setup.compiled;
    this.#pipeline ??= new DurablePipeline(chain, journal.journal, mask);
    const input = durableInput(name, options as DurableOptions, { ...services, origin });
    await input.start(this.#pipeline);
    this.#input = input;
  }

  /** Its clients are cut off, after what they had sent is kept. */
  pause(): Promise<void> {
    return this.stop();
  }

  change(next: InputSetup): void {
    const { journal, routes } = this.#facts;
    const { chain, options, origin } = next.compiled;
    this.#setup = next;
    journal.change(journalOptionsOf(options as DurableOptions));
    routes.change(next.buffers);
    this.#pipeline?.change(chain);
    this.#input?.describe(origin);
  }

  status(): InputCondition {
    return this.#input?.status() ?? { type: this.#setup.compiled.options.type };
  }

  async stop(): Promise<void> {
    const input = this.#input;
    this.#input = undefined;
    await input?.stop();
  }
}

function durableInput(
  name: string,
  options: DurableOptions,
  services: DurableServices & Pick<CompiledInput, "origin">,
): DurableInput {
  if (options.type === "socket") return new SocketInput(name, options, services);
  if (options.type === "stdin") return new StdinInput(name, options, services);
  return new HecInput(name, options, services);
}
