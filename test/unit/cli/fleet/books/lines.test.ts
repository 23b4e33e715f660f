/** What `tallyman fleet books` prints below its table: who did not answer, and what to do then. */
import { expect, test } from "vitest";
import { addUp } from "../../../../../src/cli/fleet/books/add-up.ts";
import { sharedNames } from "../../../../../src/cli/fleet/books/shared.ts";
import { linesOf } from "../../../../../src/cli/fleet/books/lines.ts";
import type {
  AgentReport,
  AggregatorReport,
} from "../../../../../src/platform/nats/books/report.ts";

const at = "2026-01-01T00:00:00.000Z";
const lane = "aaaabbbb.1";
const none = { filtered: 0, quarantined: 0, dropped: 0, in_flight: 0 };
const agent: AgentReport = {
  role: "agent",
  id: "web-1",
  name: "web-1",
  of: "nats",
  at,
  confirm: "delivery",
  lanes: [{ lane, source: "/log", given: 2, committed: 2, undelivered: 0 }],
  ended: { lanes: 0, events: 0 },
};
const aggregator: AggregatorReport = {
  role: "aggregator",
  id: "one",
  name: "ag-1",
  of: "fleet",
  at,
  fates: { received: 2, delivered: 2, ...none },
  lanes: [{ agent: "web-1", lane, events: 2, settled: [[0, 2]] }],
  ended: {},
};

function printed(agents: readonly AgentReport[], aggregators: readonly AggregatorReport[]): string {
  const shared = sharedNames([...agents, ...aggregators]);
  const books = addUp({ agents, aggregators, waiting: 0, gone: [], shared });
  const asked = { agents, aggregators, all: false, now_ms: Date.parse(at) };
  return linesOf(books, asked).join("\n");
}

test("books - where no aggregator has answered, say so, and what to do", () => {
  const text = printed([agent], []);
  expect(text).toContain("2 events are delivered by the agent's books, and are in the books of no");
  expect(text).toContain("No aggregator answered: start one, or give its saved report to --with.");
  expect(text).toContain("The books of 1 agent and 0 aggregators do not agree.");
});

test("books - where all have answered, only that they agree", () => {
  const text = printed([agent], [aggregator]);
  expect(text).not.toContain("No aggregator");
  expect(text).toContain("Aggregator ag-1 (fleet, one): 2 received, 2 delivered");
  expect(text).toContain("The books of 1 agent and 1 aggregator agree in 1 lane.");
});

test("books - where nobody has answered, there is nothing else to say", () => {
  expect(printed([], [])).toContain("Nobody answered.");
  expect(printed([], [])).not.toContain("No aggregator");
});

test("books - agents of one name are named with their hosts, and not mixed", () => {
  const copy = { ...agent, name: "web-2", instance: "b", lanes: [] };
  const text = printed([{ ...agent, instance: "a" }, copy], [aggregator]);
  expect(text).toContain("2 agents are called web-1, on web-1 and on web-2");
  expect(text).not.toContain("/log");
  expect(text).toContain("do not agree");
  const [one, other] = ["a", "b"].map((instance) => ({
    ...aggregator,
    id: "one two three",
    instance,
  }));
  expect(printed([agent], [one!, other!])).toContain("2 aggregators have the state one two");
  expect(printed([agent], [aggregator, { ...aggregator, of: "other" }])).not.toContain("state_dir");
});
