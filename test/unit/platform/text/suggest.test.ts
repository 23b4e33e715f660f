/** What a mistyped or measured word of the configuration comes to: suggest. */
import { expect, test } from "vitest";
import { nearest, suggestion } from "../../../../src/platform/text/suggest.ts";

const options = [
  "state_dir",
  "inputs",
  "plugins_dir",
  "chain",
  "output",
  "shutdown_timeout",
  "log",
];

test.each([
  ["state_dri", "state_dir"],
  ["stat_dir", "state_dir"],
  ["state-dir", "state_dir"],
  ["Inputs", "inputs"],
  ["input", "inputs"],
  ["outputs", "output"],
  ["lgo", "log"],
  ["chian", "chain"],
  ["shutdown_timout", "shutdown_timeout"],
])("suggest - %s is most likely %s", (word, meant) => {
  expect(nearest(word, options)).toBe(meant);
});

test.each(["", "x", "password", "x".repeat(100_000)])(
  "suggest - a word that is like none gets no guess",
  (word) => {
    expect(nearest(word, options)).toBeUndefined();
  },
);

test("suggest - without a guess, the known words are named", () => {
  expect(suggestion("whatever", ["level"])).toBe("; known here: level");
  expect(suggestion("levle", ["level"])).toBe('; did you mean "level"?');
  expect(suggestion("whatever", [])).toBe("");
});
