/** What is said of conditions that can hardly be meant so: a keep that keeps nothing, doubtful names, and lists. */
import { describe, expect, test } from "vitest";
import type {
  InputStatus,
  NameDoubtStatus,
  StepStatus,
} from "../../../../src/admin/status/status.ts";
import { warningsIn } from "../../../../src/admin/status/warnings.ts";
import { inputStatus, statusOf, stepStatus } from "../../../support/reports/status.ts";

function saidOf(inputs: readonly InputStatus[]): string[] {
  return warningsIn(statusOf({ inputs })).map(
    ({ severity, code, subject = "", message }) => `${severity} ${code} ${subject}: ${message}`,
  );
}

function keep(name: string, changes: Partial<StepStatus>, more: Partial<InputStatus> = {}) {
  return inputStatus(name, {
    steps: [stepStatus("filter", { is_keep: true, ...changes })],
    ...more,
  });
}

describe("a keep that keeps nothing", () => {
  const sentence =
    "the filter has kept none of 100 events, so none of them is shipped: " +
    "its `keep` is true for no event; compare it with one";

  test("warnings - is a problem after 100 events", () => {
    const said = [`problem filter_kept_none a filter: ${sentence}`];
    expect(saidOf([keep("a", { events: 100, filtered: 100 })])).toEqual(said);
    expect(saidOf([keep("a", { events: 100, filtered: 60, quarantined: 40 })])).toEqual(said);
    expect(saidOf([keep("a", { events: 99, filtered: 99 })])).toEqual([]);
    expect(saidOf([keep("a", { events: 100, filtered: 99 })])).toEqual([]);
    // It failed on all of them, which the quarantine says.
    expect(saidOf([keep("a", { events: 100, quarantined: 100 })])).toEqual([]);
  });

  test("warnings - is a problem still after 20,000, and no other", () => {
    const said = saidOf([
      keep("a", { events: 20_000, filtered: 20_000 }, { chain_events: 20_000 }),
    ]);
    expect(said).toEqual([
      expect.stringContaining(
        "problem filter_kept_none a filter: the filter has kept none of 20000",
      ),
    ]);
  });

  test("warnings - is a hint where the common chain keeps events of another input", () => {
    const inputs = [
      keep("a", { events: 100, filtered: 100 }),
      keep("b", { events: 9, filtered: 8 }),
    ];
    expect(saidOf(inputs)).toEqual([`hint filter_kept_none a filter: ${sentence}`]);
    const own = [{ ...inputs[0]!, chain: "own" as const }, inputs[1]!];
    expect(saidOf(own)).toEqual([`problem filter_kept_none a filter: ${sentence}`]);
  });
});

describe("doubtful names", () => {
  const doubt = (kind: NameDoubtStatus["kind"]): NameDoubtStatus => ({
    path: "a.b",
    kind,
    message: "write c",
  });
  const step = (doubts: NameDoubtStatus[], changes: Partial<StepStatus> = {}) =>
    stepStatus("filter", { events: 100, doubts, ...changes });
  const input = (name: string, ...steps: StepStatus[]) => inputStatus(name, { steps });

  test.each<[string, InputStatus[], string[]]>([
    [
      "a key with dots",
      [input("a", step([doubt("dotted_key")], { filtered: 5 }))],
      ["problem path_likely_mistaken a filter: write c"],
    ],
    [
      "a value of another kind",
      [input("a", step([doubt("other_kind")], { filtered: 5 }))],
      ["problem comparison_never_fits a filter: write c"],
    ],
    [
      "a key that is spelled nearly so",
      [input("a", step([doubt("near_key")]))],
      ["problem path_likely_mistaken a filter: write c"],
    ],
    [
      "such a key beside what matches",
      [input("a", step([doubt("near_key")], { filtered: 5 }))],
      ["hint path_likely_mistaken a filter: write c"],
    ],
    [
      "what is right for another input",
      [input("a", step([doubt("dotted_key")])), input("b", step([]))],
      ["hint path_likely_mistaken a filter: write c"],
    ],
    [
      "what another input has no events for yet",
      [input("a", step([doubt("dotted_key")])), input("b", step([], { events: 9 }))],
      ["problem path_likely_mistaken a filter: write c"],
    ],
  ])("warnings - %s", (_, inputs, expected) => {
    expect(saidOf(inputs)).toEqual(expected);
  });
});

test("warnings - a list that cannot be read again is a problem", () => {
  const list = { path: "/etc/users.txt", values: 3, trouble: undefined };
  expect(saidOf([inputStatus("a", { lists: [list] })])).toEqual([]);
  const lists = [{ ...list, trouble: "does not exist" }];
  expect(saidOf([inputStatus("a", { lists })])).toEqual([
    "problem list_unreadable a: the list /etc/users.txt does not exist; the 3 values that it had before stay in use",
  ]);
});
