/**
 * An input of events that exist once, while it runs: what comes in goes through its chain into its journal.
 */
import type { JournaledOptions } from "../../config/inputs.ts";
import { HecInput } from "../../inputs/hec/hec-input.ts";
import type { InputCondition } from "../../inputs/input.ts";
import {
  DatagramInput,
  type HandedDatagrams,
} from "../../inputs/socket/datagram/datagram-input.ts";
import { isForDatagrams } from "../../inputs/socket/options.ts";
import { SocketInput, type HandedClient } from "../../inputs/socket/socket-input.ts";
import { StdinInput } from "../../inputs/stdin/stdin-input.ts";
import { journalOptionsOf } from "../../journal/options.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import type { Clock } from "../../platform/clock.ts";
import type { InheritedSockets } from "../../platform/sockets/inherited-listener.ts";
import type { Logger } from "../../platform/log.ts";
import { FramingWatch } from "../flow/framing-watch.ts";
import { JournaledPipeline } from "../flow/journaled-pipeline.ts";
import type { InputSetup, RunningInput } from "./running-input.ts";
import type { JournalSource } from "./journal-source.ts";
import type { NamedRoutes } from "../flow/routes.ts";

export interface DurableServices {
  ledger: Ledger;
  clock: Clock;
  log: Logger;
  inherited: InheritedSockets;
}

export interface RunningJournaledInputDeps {
  setup: InputSetup;
  services: DurableServices;
  /** Started before this. */
  journal: JournalSource;
  /** From the journal to the outputs. */
  routes: NamedRoutes;
  mask: (text: string) => string;
}

export class RunningJournaledInput implements RunningInput {
  readonly name: string;
  readonly #deps: RunningJournaledInputDeps;
  #setup: InputSetup;
  #pipeline: JournaledPipeline | undefined;
  #input: SocketInput | DatagramInput | HecInput | StdinInput | undefined;
  /** Clients that are connected while it is paused. */
  #handed: readonly HandedClient[] = [];
  /** A socket for datagrams that is read while it is paused. */
  #datagrams: HandedDatagrams | undefined;

  constructor(deps: RunningJournaledInputDeps) {
    this.name = deps.setup.compiled.name;
    this.#deps = deps;
    this.#setup = deps.setup;
  }

  get setup(): InputSetup {
    return this.#setup;
  }

  get ended(): Promise<void> | undefined {
    return this.#input instanceof StdinInput ? this.#input.ended : undefined;
  }

  async start(): Promise<void> {
    const { journal, mask } = this.#deps;
    const { chain } = this.#setup.compiled;
    const watch = this.#watch();
    this.#pipeline ??= new JournaledPipeline(chain, journal.journal, mask, watch);
    this.#pipeline.takeTime();
    this.#input = this.#make();
    await this.#input.start(this.#pipeline);
  }

  /** Clients of a socket stay connected. Those of an HTTP receiver are answered, and have to connect again. */
  async pause(fate: "reopens" | "goes"): Promise<void> {
    const input = this.#input;
    this.#input = undefined;
    this.#pipeline?.hurry();
    if (fate === "goes" || input instanceof StdinInput) await input?.stop();
    else if (input instanceof SocketInput) this.#handed = await input.handOver();
    else if (input instanceof DatagramInput) this.#datagrams = input.handOver();
    else await input?.handOver();
  }

  change(next: InputSetup): void {
    const { journal, routes } = this.#deps;
    const { chain, options, origin } = next.compiled;
    this.#setup = next;
    journal.change(journalOptionsOf(options as JournaledOptions));
    routes.change(next.buffers);
    this.#pipeline?.change(chain, this.#watch());
    this.#input?.describe(origin);
  }

  async refresh(): Promise<void> {
    if (this.#input instanceof HecInput) await this.#input.refresh();
  }

  status(): InputCondition {
    return this.#input?.status() ?? { type: this.#setup.compiled.options.type };
  }

  async stop(): Promise<void> {
    // While it is paused, the thread that reads datagrams goes on.
    const is_reading = this.#datagrams !== undefined;
    const input = this.#input ?? (is_reading ? this.#make() : undefined);
    this.#input = undefined;
    this.#pipeline?.hurry();
    await input?.stop();
  }

  #watch(): FramingWatch {
    return new FramingWatch(this.#setup.compiled, this.#deps.services.log);
  }

  #make(): SocketInput | DatagramInput | HecInput | StdinInput {
    const { name, options, origin } = this.#setup.compiled;
    const services = { ...this.#deps.services, origin };
    const handed = this.#handed;
    this.#handed = [];
    const datagrams = this.#datagrams;
    this.#datagrams = undefined;
    switch (options.type) {
      case "socket":
        return isForDatagrams(options)
          ? new DatagramInput(name, options, { ...services, handed: datagrams })
          : new SocketInput(name, options, { ...services, handed });
      case "hec":
        return new HecInput(name, options, services);
      case "stdin":
        return new StdinInput(name, options, services);
      case "file":
      case "nats":
        throw new Error("an input that can read again has no journal");
      default:
        return options satisfies never;
    }
  }
}
