/**
 * An input of agents' batches while it runs. The stream can give again what was not acknowledged, so nothing stands between it and
 * its pipeline; but its connections stay until all that came over them is acknowledged.
 */
import type { InputCondition } from "../../inputs/input.ts";
import { NatsInput, type NatsInputServices } from "../../inputs/nats/nats-input.ts";
import type { NatsInputOptions } from "../../inputs/nats/options.ts";
import type { KnownBatches } from "../../inputs/nats/taking.ts";
import { atMost } from "../../platform/patience.ts";
import { FramingWatch } from "../flow/framing-watch.ts";
import type { Pipeline } from "../flow/pipeline.ts";
import type { NamedRoutes } from "../flow/routes.ts";
import type { InputSetup, RunningInput } from "./running-input.ts";

/** How long acknowledgements may take at the end: what is not acknowledged then comes again, and is recognised. */
const close_ms_max = 5000;

export interface RunningNatsInputDeps {
  setup: InputSetup;
  services: NatsInputServices;
  /** Of all inputs that were ever called so. */
  known: KnownBatches;
  routes: NamedRoutes;
  pipeline: Pipeline;
}

export class RunningNatsInput implements RunningInput {
  readonly name: string;
  readonly ended = undefined;
  readonly #deps: RunningNatsInputDeps;
  #setup: InputSetup;
  #input: NatsInput | undefined;
  /** They read nothing any more, and have something to acknowledge. */
  readonly #leaving = new Set<NatsInput>();
  /** Of those that have left: what they have acknowledged is deleted from the stream meanwhile. */
  readonly #closing = new Set<Promise<void>>();

  constructor(deps: RunningNatsInputDeps) {
    this.name = deps.setup.compiled.name;
    this.#deps = deps;
    this.#setup = deps.setup;
  }

  get setup(): InputSetup {
    return this.#setup;
  }

  async start(): Promise<void> {
    const { services, known, pipeline } = this.#deps;
    const { name, options, origin } = this.#setup.compiled;
    this.#input = new NatsInput(name, options as NatsInputOptions, { services, known, origin });
    await this.#input.start(pipeline);
  }

  async pause(): Promise<void> {
    await this.stop();
  }

  change(next: InputSetup): void {
    const { pipeline, routes, services } = this.#deps;
    const { compiled } = next;
    this.#setup = next;
    routes.change(next.buffers);
    pipeline.change(compiled.chain, new FramingWatch(compiled, services.log));
    this.#input?.describe(compiled.origin);
  }

  async refresh(): Promise<void> {
    // They name none that are not read again for each connection.
  }

  status(): InputCondition {
    return this.#input?.status() ?? { type: "nats" };
  }

  async stop(): Promise<void> {
    const input = this.#input;
    if (input === undefined) return;
    this.#input = undefined;
    this.#leaving.add(input);
    await input.stop();
    void this.#leave(input);
  }

  /** Comes after the last state was written: what that says is settled can be acknowledged. */
  async close(): Promise<void> {
    const { clock } = this.#deps.services;
    const leaving = [...this.#leaving];
    this.#leaving.clear();
    const closed = leaving.map(async (input) => {
      await atMost(input.settled(), close_ms_max, clock);
      await input.close();
    });
    await Promise.all([...closed, ...this.#closing]);
  }

  async #leave(input: NatsInput): Promise<void> {
    await input.empty();
    // At the end of the agent it was closed already.
    if (!this.#leaving.delete(input)) return;
    const closing = input.close();
    this.#closing.add(closing);
    await closing;
    this.#closing.delete(closing);
  }
}
