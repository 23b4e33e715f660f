/** What is found in values of maps and lists, whatever they are. */
import { expect, it } from "vitest";
import { leavesOf } from "../../../../src/chain/plugins/leaves.ts";

it("leaves - are found with their paths, behind the one that is given", () => {
  const value = { a: [1, { b: "x" }], c: null, d: {}, e: [] };
  expect([...leavesOf(value, ["top"])]).toEqual([
    { path: ["top", "a", 0], value: 1 },
    { path: ["top", "a", 1, "b"], value: "x" },
    { path: ["top", "c"], value: null },
  ]);
});

it("leaves - of a value that holds itself are those that it has once", () => {
  const map: Record<string, unknown> = { a: 1 };
  map["self"] = map;
  const list: unknown[] = [map];
  list.push(list);
  map["list"] = list;
  expect([...leavesOf(map)]).toEqual([{ path: ["a"], value: 1 }]);
  // The same value in two places is in both.
  const twice = { b: 2 };
  expect([...leavesOf([twice, twice])]).toHaveLength(2);
});

it("leaves - what counts as one is not looked into", () => {
  const single = new Date(0);
  expect([...leavesOf({ a: single }, [], (value) => value instanceof Date)]).toEqual([
    { path: ["a"], value: single },
  ]);
});
