/** The books of a fleet, added up: every case of a lane, on reports as agents and aggregators give them. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addUp, type FleetReports } from "../../../../../src/cli/fleet/books/add-up.ts";
import { withRange, type Range } from "../../../../../src/inputs/nats/ranges.ts";
import type {
  AgentLaneReport,
  AgentReport,
  AggregatorReport,
  ReceivedLaneReport,
} from "../../../../../src/platform/nats/books/report.ts";

const at = "2026-01-01T00:00:00.000Z";
const lane = "aaaabbbb.1";

function agentOf(
  lanes: readonly Partial<AgentLaneReport>[],
  more: Partial<AgentReport> = {},
): AgentReport {
  const base = { lane, source: "", given: 0, committed: 0, undelivered: 0 };
  return {
    role: "agent",
    id: "web-1",
    name: "web-1",
    of: "nats",
    at,
    confirm: "delivery",
    lanes: lanes.map((each) => ({ ...base, ...each })),
    ended: { lanes: 0, events: 0 },
    ...more,
  };
}

function aggregatorOf(
  lanes: readonly Partial<ReceivedLaneReport>[],
  more: Partial<AggregatorReport> = {},
): AggregatorReport {
  const fates = { received: 0, delivered: 0, filtered: 0, quarantined: 0, dropped: 0 };
  return {
    role: "aggregator",
    id: "one",
    name: "ag-1",
    of: "fleet",
    at,
    fates: { ...fates, in_flight: 0 },
    lanes: lanes.map((each) => ({ agent: "web-1", lane, events: 0, settled: [], ...each })),
    ended: {},
    ...more,
  };
}

function add(reports: Partial<FleetReports>): ReturnType<typeof addUp> {
  return addUp({ agents: [], aggregators: [], waiting: 0, gone: [], shared: [], ...reports });
}

describe("books of a fleet", () => {
  test("agree where aggregators have what agents have, whoever had it", () => {
    const books = add({
      agents: [agentOf([{ given: 10, committed: 10 }])],
      aggregators: [
        aggregatorOf([
          {
            events: 4,
            settled: [
              [0, 2],
              [4, 6],
            ],
          },
        ]),
        aggregatorOf([
          {
            events: 6,
            settled: [
              [2, 4],
              [6, 10],
            ],
          },
        ]),
      ],
    });
    expect(books).toMatchObject({ agree: true, silent: [] });
    expect(books.rows).toMatchObject([{ delivered: 10, settled: 10, missing: 0, repeated: 0 }]);
  });

  test("what has no receipt is on the way, also where an aggregator has it", () => {
    const books = add({
      agents: [agentOf([{ given: 10, committed: 4 }])],
      aggregators: [aggregatorOf([{ events: 7, settled: [[0, 7]] }])],
    });
    expect(books.agree).toBe(true);
    expect(books.rows).toMatchObject([{ delivered: 4, settled: 4, on_the_way: 6, missing: 0 }]);
  });

  test("name the lane that lacks events, the worst first", () => {
    const books = add({
      agents: [
        agentOf([
          { given: 9, committed: 9 },
          { lane: "ccccdddd.1", given: 9, committed: 9 },
        ]),
      ],
      aggregators: [
        aggregatorOf([
          { events: 9, settled: [[0, 9]] },
          {
            lane: "ccccdddd.1",
            events: 6,
            settled: [
              [0, 3],
              [6, 9],
            ],
          },
        ]),
      ],
    });
    expect(books.agree).toBe(false);
    expect(books.rows).toMatchObject([{ lane: "ccccdddd.1", missing: 3 }, { missing: 0 }]);
  });

  test("a lane that no aggregator has is missing as a whole", () => {
    const books = add({ agents: [agentOf([{ given: 5, committed: 5 }])] });
    expect(books).toMatchObject({ agree: false, rows: [{ missing: 5 }] });
  });

  test("repeats make up for nothing that is missing", () => {
    const books = add({
      agents: [agentOf([{ given: 10, committed: 10 }])],
      aggregators: [
        aggregatorOf([{ events: 6, settled: [[0, 6]] }]),
        aggregatorOf([{ events: 4, settled: [[0, 4]] }]),
      ],
    });
    expect(books).toMatchObject({ agree: false, rows: [{ missing: 4, repeated: 4 }] });
  });

  test("what only a silent aggregator can have delivered is not taken on trust", () => {
    const books = add({
      agents: [agentOf([{ given: 10, committed: 10 }])],
      aggregators: [aggregatorOf([{ events: 6, settled: [[0, 10]] }])],
    });
    expect(books).toMatchObject({ agree: false, rows: [{ missing: 0, uncounted: 4 }] });
  });

  test("what an agent has in quarantine no aggregator needs to have", () => {
    const books = add({
      agents: [agentOf([{ given: 10, committed: 10, undelivered: 1 }])],
      aggregators: [
        aggregatorOf([
          {
            events: 9,
            settled: [
              [0, 3],
              [4, 10],
            ],
          },
        ]),
      ],
    });
    expect(books).toMatchObject({ agree: true, rows: [{ delivered: 9, settled: 9 }] });
  });

  test("with confirm: stream it is on the way as long as the stream has something, and then missing", () => {
    const reports = {
      agents: [agentOf([{ given: 10, committed: 10 }], { confirm: "stream" })],
      aggregators: [aggregatorOf([{ events: 6, settled: [[0, 6]] }])],
    };
    expect(add({ ...reports, waiting: 3 })).toMatchObject({
      agree: true,
      rows: [{ missing: 0, on_the_way: 4 }],
    });
    expect(add(reports)).toMatchObject({ agree: false, rows: [{ missing: 4, on_the_way: 0 }] });
  });

  test("an agent that does not answer is named, unless it is known to be gone", () => {
    const aggregators = [aggregatorOf([{ events: 6, settled: [[0, 6]] }])];
    expect(add({ aggregators })).toMatchObject({ agree: false, silent: ["web-1"] });
    expect(add({ aggregators, gone: ["web-1"] })).toMatchObject({ agree: true, silent: [] });
  });

  test("lanes that the agent has no more add up by their sum", () => {
    const ended = { lanes: 2, events: 12 };
    const of = (events: number): ReturnType<typeof addUp> =>
      add({
        agents: [agentOf([], { ended })],
        aggregators: [
          aggregatorOf([{ lane: "ccccdddd.1", events: 5, settled: [[0, 5]] }], {
            ended: { "web-1": { lanes: 1, events } },
          }),
        ],
      });
    expect(of(7)).toMatchObject({ agree: true, rows: [{ lane: undefined, delivered: 12 }] });
    expect(of(9)).toMatchObject({ agree: true, rows: [{ repeated: 2 }] });
    expect(of(6)).toMatchObject({ agree: false, rows: [{ missing: 1 }] });
  });

  test("a lane at rest that aggregators have forgotten is in their sums", () => {
    const books = add({
      agents: [agentOf([{ given: 5, committed: 5 }])],
      aggregators: [aggregatorOf([], { ended: { "web-1": { lanes: 1, events: 5 } } })],
    });
    expect(books).toMatchObject({ agree: true, rows: [{ delivered: 5, settled: 5 }] });
  });

  test("whichever aggregators have had which batches, what is missing and repeated is exact", () => {
    const batches = fc.array(
      fc.record({ count: fc.integer({ min: 1, max: 5 }), by: fc.subarray([0, 1, 2]) }),
      { minLength: 1, maxLength: 30 },
    );
    fc.assert(
      fc.property(batches, fc.nat(150), (all, confirmed) => {
        const events = [0, 0, 0];
        let settled: (readonly Range[])[] = [[], [], []];
        let [first, missing, repeated] = [0, 0, 0];
        for (const { count, by } of all) {
          const to = first + count;
          for (const number of by) events[number]! += count;
          settled = settled.map((ranges, number) =>
            by.includes(number) ? withRange(ranges, [first, to]) : ranges,
          );
          if (by.length === 0) missing += Math.max(0, Math.min(to, confirmed) - first);
          repeated += Math.max(0, by.length - 1) * count;
          first = to;
        }
        const committed = Math.min(first, confirmed);
        const aggregators = events.map((count, number) =>
          aggregatorOf([
            { events: count, settled: settled[number]!.map(([from, to]) => [from, to]) },
          ]),
        );
        const agents = [agentOf([{ given: first, committed }])];
        const { agree, rows } = add({ agents, aggregators });
        expect(rows).toMatchObject([
          { delivered: committed, missing, repeated, on_the_way: first - committed, uncounted: 0 },
        ]);
        expect(agree).toBe(missing === 0);
      }),
    );
  });
});
