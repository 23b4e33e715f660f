/** Keys as a terminal sends them: whole, in pieces, and what is none. */
import { expect, test } from "vitest";
import { Keyboard } from "../../../../../src/cli/terminal/screen/keyboard.ts";
import { ManualClock } from "../../../../support/clocks/manual-clock.ts";

function keysOf(...pieces: string[]): string[] {
  const clock = new ManualClock();
  const keys: string[] = [];
  const keyboard = new Keyboard(clock, (key) => keys.push(key));
  for (const piece of pieces) keyboard.take(piece);
  clock.pass(1000);
  return keys;
}

test.each([
  ["q", ["q"]],
  ["\u001b[A\u001bOB", ["up", "down"]],
  ["\u001b[5~\u001b[6~\u001b[H\u001b[F", ["page up", "page down", "home", "end"]],
  ["\t\u001b[Z\r\u0003", ["tab", "back tab", "enter", "ctrl-c"]],
  ["é日😀", ["é", "日", "😀"]],
  // A key that is not known, a mouse, a control character.
  ["\u001b[15~q\u001b[<0;1;1Mq\u0001q", ["q", "q", "q"]],
  ["\u001bq", ["escape", "q"]],
  ["\u001b", ["escape"]],
])("keyboard - %j", (text, keys) => {
  expect(keysOf(text)).toEqual(keys);
});

test("keyboard - a sequence in pieces is one key, and one that never ends is none", () => {
  expect(keysOf("\u001b", "[", "A")).toEqual(["up"]);
  expect(keysOf("\u001b[1;1;1")).toEqual([]);
  expect(keysOf(`\u001b[${"1;".repeat(100)}`, "q").at(-1)).toBe("q");
});
