/** The live view: what its keys do, and its screens. */
import { describe, expect, test } from "vitest";
import type { Status } from "../../../../src/admin/status/status.ts";
import { TopView } from "../../../../src/cli/top/view.ts";
import { rendered } from "../../../../src/cli/terminal/drawing/spans.ts";
import { widthOf } from "../../../../src/cli/terminal/drawing/width.ts";
import { agents, seenOf } from "../../../support/reports/agents.ts";

function viewOf(status: Status): TopView {
  const view = new TopView();
  view.take({ ...status, warnings: seenOf(status).warnings });
  return view;
}

function screenOf(view: TopView, width = 80, height = 24): string[] {
  const look = { colour: false, unicode: true };
  return view.lines({ width, height }).map((line) => rendered(line, width, look).trimEnd());
}

/** The row that is chosen. */
function chosen(view: TopView): string | undefined {
  return screenOf(view)
    .find((line) => line.startsWith("▶"))
    ?.replace(/ {2,}.*/, "");
}

test("top - arrows and tab choose a row, and do not leave the tables", () => {
  const view = viewOf(agents["well"]!);
  const rows = [
    "down",
    "down",
    "down",
    "up",
    "tab",
    "tab",
    "tab",
    "back tab",
    "home",
    "end",
    "down",
  ].map((key) => {
    expect(view.press(key)).toBeUndefined();
    return chosen(view);
  });
  expect(rows).toEqual([
    "▶ audit file, 0 files",
    "▶ apps",
    "▶ splunk splunk_hec",
    "▶ apps",
    "▶ splunk splunk_hec",
    "▶ filter of 2 inputs",
    "▶ audit file, 0 files",
    "▶ filter of 2 inputs",
    "▶ audit file, 0 files",
    "▶ redact of 2 inputs",
    "▶ redact of 2 inputs",
  ]);
  view.press("escape");
  expect(chosen(view)).toBeUndefined();
});

test("top - enter shows all of it, and escape goes back; what is gone after a reload is said to be", () => {
  const view = viewOf(agents["well"]!);
  view.press("down");
  view.press("enter");
  expect(screenOf(view).join("\n")).toMatch(/input audit[\s\S]*1,234,567 received[\s\S]*STEPS/);
  view.take({ ...agents["empty"]!, warnings: [] });
  expect(screenOf(view).join("\n")).toContain("There is no such input any more.");
  view.press("escape");
  expect(screenOf(view).join("\n")).toContain("q quit");
});

test("top - s sorts, p pauses, ? explains, q and ctrl-c quit, and what is no key does nothing", () => {
  const view = viewOf(agents["well"]!);
  view.press("s");
  view.press("s");
  expect(screenOf(view).at(-1)).toContain("sort (by name)");
  expect(screenOf(view).join("\n")).toMatch(/^ {2}apps[\s\S]*^● audit/m);
  view.press("p");
  expect([view.is_paused, screenOf(view).at(-1)]).toEqual([
    true,
    expect.stringContaining("PAUSED"),
  ]);
  view.press("?");
  expect(screenOf(view).join("\n")).toContain("choose an input, output or step");
  view.press("?");
  const before = screenOf(view);
  view.press("x");
  expect(screenOf(view)).toEqual(before);
  expect([view.press("q"), view.press("ctrl-c")]).toEqual(["end", "end"]);
});

describe.each(Object.keys(agents))("%s", (name) => {
  test("top - fills the screen and no more, on every page", () => {
    for (const keys of [
      [],
      ["down", "enter"],
      ["end", "enter"],
      ["?"],
      ["tab", "tab", "enter", "page down"],
    ]) {
      const view = viewOf(agents[name]!);
      for (const key of keys) view.press(key);
      for (const [width, height] of [
        [80, 24],
        [200, 50],
        [30, 5],
        [1, 1],
      ] as const) {
        const lines = screenOf(view, width, height);
        expect(lines).toHaveLength(height);
        // oxlint-disable-next-line no-control-regex
        const odd = /[\u0000-\u001f\u202e]/;
        expect(lines.filter((line) => widthOf(line) > width || odd.test(line))).toEqual([]);
      }
    }
  });
});
