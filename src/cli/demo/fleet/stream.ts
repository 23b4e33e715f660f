/** The stream of the demo: made as `fleet setup` makes it, and asked for the books of its agents and aggregators. */
import type { FleetPlace } from "../../../config/fleet.ts";
import { natsInputShape } from "../../../inputs/nats/options.ts";
import { systemClock } from "../../../platform/clock.ts";
import { messageOf, TallymanError } from "../../../platform/errors.ts";
import { withNats } from "../../../platform/nats/once.ts";
import {
  consumerConfigOf,
  default_plan,
  findStream,
  managerOf,
  streamConfigOf,
} from "../../../platform/nats/stream.ts";
import type { AgentReport, AggregatorReport } from "../../../platform/nats/books/report.ts";
import { addUp, type FleetBooks } from "../../fleet/books/add-up.ts";
import { gather } from "../../fleet/books/gather.ts";
import { z } from "zod";

const MiB = 1024 * 1024;
const retry_ms = 200;
const quiet_ms = 300;
/** What an aggregator that is killed had goes to the other one after this. */
const wait_ms = 2000;
const patience_ms = 15_000;

export interface DemoBooks extends FleetBooks {
  readonly agents: readonly AgentReport[];
  readonly aggregators: readonly AggregatorReport[];
}

export class DemoStream {
  readonly #place: FleetPlace;

  constructor(servers: readonly string[]) {
    const options = z.object(natsInputShape()).parse({ type: "nats", servers });
    this.#place = { what: "demo", options, consumer: options.consumer, at: [] };
  }

  /** As soon as there is a leader. */
  async setUp(stop: AbortSignal): Promise<void> {
    const { options, consumer } = this.#place;
    const { stream, prefix } = options;
    const plan = { ...default_plan, stream, prefix, consumer, bytes_max: 256 * MiB, wait_ms };
    await this.#eventually(stop, () =>
      withNats(options, systemClock, async (connection) => {
        const manager = await managerOf(connection);
        await manager.streams.add(streamConfigOf(plan));
        await manager.consumers.add(stream, consumerConfigOf(plan));
        return true;
      }),
    );
  }

  /** The name of the server that leads; undefined where nobody says. */
  async leader(): Promise<string | undefined> {
    const { options } = this.#place;
    try {
      const found = await withNats(options, systemClock, async (connection) =>
        findStream(await managerOf(connection), options.stream),
      );
      return found?.cluster?.leader;
    } catch {
      return undefined;
    }
  }

  /** When all receipts have come; or as they are, if these do not come. */
  async books(stop: AbortSignal): Promise<DemoBooks> {
    let books: DemoBooks | undefined;
    const isDone = async (): Promise<boolean> => {
      books = await this.#ask();
      const { agents, aggregators, rows } = books;
      if (agents.length < 2 || aggregators.length < 2) return false;
      return rows.every(({ on_the_way }) => on_the_way === 0);
    };
    try {
      await this.#eventually(stop, isDone);
    } catch (cause) {
      if (books === undefined) throw cause;
    }
    return books!;
  }

  async #ask(): Promise<DemoBooks> {
    const { reports, waiting } = await gather(this.#place, quiet_ms);
    const agents = reports.filter((each) => each.role === "agent");
    const aggregators = reports.filter((each) => each.role === "aggregator");
    return {
      agents,
      aggregators,
      ...addUp({ agents, aggregators, waiting, gone: [], shared: [] }),
    };
  }

  async #eventually(stop: AbortSignal, attempt: () => Promise<boolean>): Promise<void> {
    const end_ms = systemClock.monotonic() + patience_ms;
    let error = "";
    while (systemClock.monotonic() < end_ms) {
      if (stop.aborted) throw new TallymanError("demo_failed", "the demo was interrupted.");
      try {
        if (await attempt()) return;
      } catch (cause) {
        error = `: ${messageOf(cause)}`;
      }
      await systemClock.sleep(retry_ms, stop);
    }
    throw new TallymanError("demo_failed", `the servers of NATS do not answer${error}`);
  }
}
