/** What in a stream, a consumer or a server could lose events. */
import { describe, expect, test } from "vitest";
import {
  consumerConfigOf,
  consumerFaults,
  default_plan,
  purgeForgets,
  serverFaults,
  streamConfigOf,
  streamFaults,
} from "../../../../src/platform/nats/stream.ts";

const plan = { ...default_plan, stream: "TALLY", prefix: "tally" };

function faultsOf(change: object): string[] {
  const config = { ...streamConfigOf(plan), ...change };
  return streamFaults({ config: config as Parameters<typeof streamFaults>[0]["config"] }, "tally");
}

test.each([
  ["2.8.4", true],
  ["2.9.10", true],
  ["2.9.14", true],
  ["2.9.15", false],
  ["2.10.0", false],
  ["3.0.0", false],
])("whether nats-server %s forgets what is with aggregators in a purge: %s", (version, forgets) => {
  expect(purgeForgets(version)).toBe(forgets);
});

describe("stream", () => {
  test("one as `fleet setup` makes it loses nothing", () => {
    expect(faultsOf({})).toEqual([]);
    const config = consumerConfigOf(plan) as Parameters<typeof consumerFaults>[0]["config"];
    expect(consumerFaults({ config })).toEqual([]);
  });

  test.each([
    [{ storage: "memory" }, "storage is memory"],
    [{ num_replicas: 1 }, "replicas is 1"],
    [{ discard: "old" }, "discard is old"],
    [{ retention: "workqueue" }, "retention is workqueue"],
    [{ retention: "interest" }, "retention is interest"],
    [{ max_age: 1_000_000_000 }, "max_age is set"],
    [{ max_msgs_per_subject: 10 }, "max_msgs_per_subject is set"],
    [{ max_msg_size: 1000 }, "max_msg_size is 1000"],
    [{ subjects: ["other.>"] }, "its subjects are other.>"],
  ])("%j is named", (change, fault) => {
    expect(faultsOf(change)).toEqual([expect.stringContaining(fault)]);
  });

  test.each([
    [{ ack_policy: "none" }, "ack_policy is none"],
    [{ max_deliver: 5 }, "max_deliver is 5"],
    [{ deliver_policy: "new" }, "deliver_policy is new"],
    [{ filter_subject: "tally.ev.a.>" }, "it reads only tally.ev.a.>"],
  ])("of its consumer %j is named", (change, fault) => {
    const config = { ...consumerConfigOf(plan), ...change } as Parameters<
      typeof consumerFaults
    >[0]["config"];
    expect(consumerFaults({ config })).toEqual([expect.stringContaining(fault)]);
  });
});

test.each([
  ["2.9.10", ["discard new", "no sync_interval"]],
  ["2.9.25", ["no sync_interval"]],
  ["2.10.1", ["#6888", "discard new"]],
  ["2.10.22", ["#6888"]],
  ["2.10.23", []],
  ["2.11.4", []],
  ["2.12.1", ["#7564"]],
  ["2.12.2", []],
])("what is known of nats-server %s", (version, expected) => {
  expect(serverFaults(version)).toEqual(
    expected.map((each) => expect.stringContaining(each) as string),
  );
});
