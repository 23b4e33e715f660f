/** The painter: only what has changed is written. */
import { expect, test } from "vitest";
import { Painter } from "../../../../../src/cli/terminal/screen/painter.ts";

test("painter - draws all at first and after a change of size, and then only lines that are others", () => {
  const painter = new Painter();
  const first = painter.paint(["one", "two"], 80, 24);
  expect(first).toBe("\u001b[2J\u001b[1;1H\u001b[2Kone\u001b[2;1H\u001b[2Ktwo");
  expect(painter.paint(["one", "two"], 80, 24)).toBe("");
  expect(painter.paint(["one", "2"], 80, 24)).toBe("\u001b[2;1H\u001b[2K2");
  expect(painter.paint(["one"], 80, 24)).toBe("\u001b[2;1H\u001b[2K");
  expect(painter.paint(["one"], 100, 24)).toContain("one");
  painter.forget();
  expect(painter.paint(["one"], 100, 24)).toContain("one");
});

test("painter - never writes below the screen", () => {
  expect(new Painter().paint(["1", "2", "3"], 80, 2)).not.toContain("3;1H");
});
