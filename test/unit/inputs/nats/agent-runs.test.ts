/** Which batches show that two agents have one name. */
import { expect, test } from "vitest";
import { ManualClock } from "../../../support/clocks/manual-clock.ts";
import { AgentRuns } from "../../../../src/inputs/nats/agent-runs.ts";

/** Each letter is a run that publishes a batch; gives where in the text it was noticed first. */
function noticed(order: string): number {
  const runs = new AgentRuns(new ManualClock());
  return order
    .split("")
    .findIndex((run, at) => runs.note("web-1", { instance: run, host: run }, at + 1) !== undefined);
}

test("agents of one name that publish in turns are noticed, however many", () => {
  expect(noticed("aabab")).toBe(-1);
  expect(noticed("aababab")).toBeGreaterThan(0);
  expect(noticed("abcabcabc")).toBeGreaterThan(0);
});

test("one that is started again and again, or comes late, is no other", () => {
  expect(noticed("aaabbbcccddd")).toBe(-1);
  expect(noticed("aaababbb")).toBe(-1);
  expect(noticed("ababcdcdefef")).toBe(-1);
});

test("what comes again from where it was in the stream shows nothing", () => {
  const runs = new AgentRuns(new ManualClock());
  const note = (instance: string, sequence: number): unknown =>
    runs.note("web-1", { instance, host: instance }, sequence);
  note("a", 1);
  note("b", 5);
  const again = [2, 3, 4].flatMap((sequence) => [note("a", sequence), note("b", sequence + 5)]);
  expect(again.every((each) => each === undefined)).toBe(true);
});

test("both hosts are named for ten minutes after they were noticed last", () => {
  const clock = new ManualClock();
  const runs = new AgentRuns(clock);
  "ababab"
    .split("")
    .forEach((run, at) => runs.note("web-1", { instance: run, host: `host-${run}` }, at + 1));
  expect(runs.shared).toEqual([{ agent: "web-1", hosts: ["host-a", "host-b"] }]);
  clock.pass(600_001);
  expect(runs.shared).toEqual([]);
});
