/** Asks a fleet for its books: agents first, so that aggregators have whatever these have a receipt for. */
import { readFileSync } from "node:fs";
import { z } from "zod";
import type { FleetPlace } from "../../../config/fleet.ts";
import { systemClock } from "../../../platform/clock.ts";
import { messageOf, TallymanError } from "../../../platform/errors.ts";
import { askForBooks } from "../../../platform/nats/books/asking.ts";
import { report, type Report } from "../../../platform/nats/books/report.ts";
import type { NatsConnection } from "../../../platform/nats/connection.ts";
import { withNats } from "../../../platform/nats/once.ts";
import { findConsumer, managerOf } from "../../../platform/nats/stream.ts";

export interface Gathered {
  readonly reports: readonly Report[];
  /** Batches in the stream that are not acknowledged; undefined where nobody says. */
  readonly waiting: number | undefined;
}

/** What agents and aggregators answer until none has for `quiet_ms`. */
export async function gather(
  { options, consumer }: FleetPlace,
  quiet_ms: number,
): Promise<Gathered> {
  const { prefix, stream } = options;
  const ask = async (connection: NatsConnection): Promise<Gathered> => {
    const asked = { prefix, quiet_ms };
    const agents = await askForBooks(connection, { ...asked, role: "agent" }, systemClock);
    const waiting = await waitingIn(connection, stream, consumer);
    const aggregators = await askForBooks(
      connection,
      { ...asked, role: "aggregator" },
      systemClock,
    );
    return { reports: [...agents, ...aggregators], waiting };
  };
  try {
    return await withNats(options, systemClock, ask);
  } catch (cause) {
    const message = `the fleet cannot be asked for its books: ${messageOf(cause)}`;
    throw new TallymanError("fleet_unusable", message, { servers: options.servers }, { cause });
  }
}

async function waitingIn(
  connection: NatsConnection,
  stream: string,
  consumer: string,
): Promise<number | undefined> {
  try {
    const found = await findConsumer(await managerOf(connection), stream, consumer);
    return found && found.num_pending + found.num_ack_pending;
  } catch {
    return undefined;
  }
}

const printed = z.lazy(() => z.object({ reports: z.array(report) }));

/** The reports in what `--json` has printed before. */
export function readReports(file: string): readonly Report[] {
  try {
    return printed.parse(JSON.parse(readFileSync(file, "utf8"))).reports;
  } catch (cause) {
    const reason = cause instanceof z.ZodError ? "it is no output of --json" : messageOf(cause);
    const message = `${file} has no reports: ${reason}`;
    throw new TallymanError("fleet_unusable", message, { file }, { cause });
  }
}

/** The youngest of each. */
export function youngest(reports: readonly Report[]): Report[] {
  const by_name = new Map<string, Report>();
  for (const each of reports) {
    const key = `${each.role} ${each.id} ${each.of}`;
    const known = by_name.get(key);
    if (known === undefined || known.at <= each.at) by_name.set(key, each);
  }
  return [...by_name.values()];
}
