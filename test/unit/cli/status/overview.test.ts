/** The overview of an agent as a screen: at both sizes, in every state, with colour and without, and never too large. */
import { describe, expect, test } from "vitest";
import { overview, type Wanted } from "../../../../src/cli/status/overview.ts";
import { sorts } from "../../../../src/cli/status/tables.ts";
import { rendered, type Look } from "../../../../src/cli/terminal/drawing/spans.ts";
import { widthOf } from "../../../../src/cli/terminal/drawing/width.ts";
import { agents, hostile_name, seenOf } from "../../../support/reports/agents.ts";

const seen = new Map(Object.entries(agents).map(([name, status]) => [name, seenOf(status)]));
const plain: Look = { colour: false, unicode: true };

function screenOf(name: string, changes: Partial<Wanted> = {}, look = plain): string[] {
  const wanted: Wanted = {
    width: 80,
    height: 24,
    sort: "worst first",
    focus: undefined,
    ...changes,
  };
  return overview(seen.get(name)!, wanted).map((line) => rendered(line, wanted.width, look));
}

describe.each(Object.keys(agents))("%s", (name) => {
  test.each([
    [80, 24],
    [200, 50],
  ])("overview - %d columns and %d lines are as they should be", async (width, height) => {
    const lines = screenOf(name, { width, height }).map((line) => line.trimEnd());
    await expect(`${lines.join("\n")}\n`).toMatchFileSnapshot(
      `screens/${name}-${width}x${height}.txt`,
    );
  });

  test("overview - is never larger than the screen, whatever is drawn, and every line is one", () => {
    for (const [width, height] of [
      [80, 24],
      [200, 50],
      [40, 10],
      [20, 3],
      [1, 1],
    ] as const) {
      for (const unicode of [true, false]) {
        for (const sort of width === 80 ? sorts : sorts.slice(0, 1)) {
          const lines = screenOf(name, { width, height, sort }, { colour: false, unicode });
          expect(lines.length).toBeLessThanOrEqual(height);
          for (const line of lines) {
            expect(widthOf(line), line).toBeLessThanOrEqual(width);
            // oxlint-disable-next-line no-control-regex
            expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
            // oxlint-disable-next-line no-control-regex
            if (!unicode) expect(line).toMatch(/^[\u0020-\u007e]*$/);
          }
        }
      }
    }
  });
});

test("overview - with colour it says the same", () => {
  const coloured = screenOf("outage", {}, { colour: true, unicode: true });
  expect(coloured.join("\n")).toContain("\u001b[31m");
  // oxlint-disable-next-line no-control-regex
  const bare = coloured.map((line) => line.replaceAll(/\u001b\[\d+m/g, ""));
  expect(bare).toEqual(screenOf("outage"));
});

test("overview - the worst of 10,000 inputs are at the top, and the chosen one is always there", () => {
  const rows = (lines: string[]): string[] =>
    lines.filter((line) => /^. input-\d+ file/.test(line));
  const worst = rows(screenOf("many"));
  expect(worst.slice(0, 2)).toEqual([
    expect.stringMatching(/^▲ input-4711/),
    expect.stringMatching(/^● input-7777/),
  ]);
  const focus = { kind: "input", key: "input-5000" } as const;
  expect(rows(screenOf("many", { focus })).join("\n")).toMatch(/^▶ input-5000/m);
  expect(rows(screenOf("many", { sort: "busiest first" }))[0]).toContain("input-9999");
});

test("overview - a wide character takes two columns, and an escape sequence is shown as text", () => {
  expect(screenOf("hostile").join("\n")).toContain(String.raw`\x1b[2Jred\u202e日本語\x07 é`);
  expect(screenOf("hostile").join("\n")).not.toContain(hostile_name);
});
