/** Asking for books over a real server, where two agents answer by one name. */
import { describe, expect, test } from "vitest";
import { sharedNames } from "../../../../../src/cli/fleet/books/shared.ts";
import { answerForBooks } from "../../../../../src/platform/nats/books/answering.ts";
import { askForBooks } from "../../../../../src/platform/nats/books/asking.ts";
import type { AgentReport } from "../../../../../src/platform/nats/books/report.ts";
import { systemClock } from "../../../../../src/platform/clock.ts";
import { has_nats, NatsCluster } from "../../../../support/nats/cluster.ts";

function reportOf(name: string, given: number): AgentReport {
  return {
    role: "agent",
    id: "web-1",
    instance: `run-${name}`,
    name,
    of: "nats",
    at: new Date(systemClock.now()).toISOString(),
    confirm: "delivery",
    lanes: [{ lane: "aaaabbbb.1", source: "", given, committed: given, undelivered: 0 }],
    ended: { lanes: 0, events: 0 },
  };
}

describe.runIf(has_nats)("books", () => {
  test("of two agents of one name come apart, and each names its host", async () => {
    const cluster = await NatsCluster.start({ servers: 1 });
    const made = [reportOf("host-a", 1), reportOf("host-b", 2)];
    for (const each of made) {
      const connection = await cluster.connect();
      answerForBooks(connection, "tally", { role: "agent", make: () => each });
      await connection.flush();
    }
    const asked = { prefix: "tally", role: "agent", quiet_ms: 2000 } as const;
    const answers = await askForBooks(await cluster.connect(), asked, systemClock);
    expect(answers.toSorted((one, other) => one.name.localeCompare(other.name))).toEqual(made);
    expect(sharedNames(answers)).toEqual([
      { role: "agent", id: "web-1", hosts: ["host-a", "host-b"] },
    ]);
  });
});
