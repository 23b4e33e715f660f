/** What happens in the run, each while events are on their way. What is in flight meanwhile is what it may repeat. */
import { mkdirSync, rmSync } from "node:fs";
import type { NatsServer } from "../../src/cli/demo/fleet/nats-servers.ts";
import { until, type Parties } from "./parties.ts";

export interface Incident {
  readonly what: string;
  /** How much of all events is written before it. */
  readonly share: number;
  /** Comes before that is written; without it the first of that has arrived when the incident happens. */
  readonly begin?: (parties: Parties) => Promise<unknown>;
  /** Resolves when all is as it was. */
  readonly happen: (parties: Parties) => Promise<void>;
}

const away_ms = 500;

function away(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, away_ms));
}

/** Comes back without what it had stored, if it is to lose that. */
async function restart(
  parties: Parties,
  server: NatsServer,
  { signal, loses }: { signal: "SIGKILL" | "SIGTERM"; loses: boolean },
): Promise<void> {
  await server.kill(signal);
  if (loses) {
    rmSync(server.store, { recursive: true });
    mkdirSync(server.store);
  }
  await away();
  server.start();
  await parties.isWhole();
}

async function crash(members: Parties["members"]): Promise<void> {
  const [member] = members;
  await member!.end("SIGKILL");
  await away();
  member!.start();
  await until(async () => (await member!.status()) !== undefined);
}

/** Until the stream has no room for what agents publish; Splunk, which takes nothing, then takes all of it. */
async function fill(parties: Parties): Promise<void> {
  await until(async () => {
    const statuses = await Promise.all(parties.agents.map((agent) => agent.status()));
    return statuses.some((status) =>
      status?.outputs.some(({ reason }) => reason === "stream_full"),
    );
  });
  await parties.sink.become("normal");
}

export const incidents: readonly Incident[] = [
  {
    what: "kill -9 of the leader",
    share: 0.1,
    happen: async (parties) =>
      restart(parties, await parties.leader(), { signal: "SIGKILL", loses: false }),
  },
  {
    what: "kill -9 of an aggregator",
    share: 0.1,
    happen: ({ aggregators }) => crash(aggregators),
  },
  { what: "kill -9 of an agent", share: 0.1, happen: ({ agents }) => crash(agents) },
  ...[0, 1, 2].map((number) => ({
    what: `server ${number + 1} is rolled${number === 1 ? ", and loses its store" : ""}`,
    share: 0.1,
    happen: (parties: Parties) => {
      const server = parties.servers.all[number]!;
      return restart(parties, server, { signal: "SIGTERM", loses: number === 1 });
    },
  })),
  {
    what: "the stream is filled to its limit",
    share: 0.4,
    begin: ({ sink }) => sink.become("busy"),
    happen: fill,
  },
];
