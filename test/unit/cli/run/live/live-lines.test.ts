/** The live view of `run`: as it looks at both sizes in every state, and never too large. */
import { describe, expect, test } from "vitest";
import { liveLines, liveRows } from "../../../../../src/cli/run/live/live-lines.ts";
import { rendered, type Look } from "../../../../../src/cli/terminal/drawing/spans.ts";
import { widthOf } from "../../../../../src/cli/terminal/drawing/width.ts";
import { agents, seenOf } from "../../../../support/reports/agents.ts";

const plain: Look = { colour: false, unicode: true };

function screenOf(name: string, width: number, height: number, look = plain): string[] {
  const lines = liveLines(seenOf(agents[name]!), width, liveRows(height) - 1);
  return lines.map((line) => rendered(line, width, look).trimEnd());
}

test("live view - takes a third of the screen, 4 to 10 lines, and none of a tiny one", () => {
  expect([5, 7, 8, 12, 15, 24, 50, 100].map(liveRows)).toEqual([0, 0, 4, 4, 5, 8, 10, 10]);
});

test("live view - all states at 80×24 and 200×50, in Unicode and in ASCII", async () => {
  const ascii: Look = { colour: false, unicode: false };
  const all = Object.keys(agents).flatMap((name) => [
    `== ${name}, 80x24`,
    ...screenOf(name, 80, 24),
    `== ${name}, 200x50`,
    ...screenOf(name, 200, 50),
    `== ${name}, 80x8, ASCII`,
    ...screenOf(name, 80, 8, ascii),
  ]);
  await expect(`${all.join("\n")}\n`).toMatchFileSnapshot("screens.txt");
});

test("live view - warnings fill the rest, the last says how many more there are, and losses are not left out", () => {
  const seen = seenOf(agents["well"]!);
  const warnings = ["one ".repeat(40), "two", "three", "four"].map((message) => ({
    severity: "problem" as const,
    code: "paths_match_nothing",
    message,
    subject: "app",
  }));
  const total = { ...seen.status.books.total, lost_bytes: 4711 };
  const status = { ...seen.status, books: { ...seen.status.books, total } };
  const shown = (rows: number): string[] =>
    liveLines({ ...seen, status, warnings }, 80, rows).map((line) => rendered(line, 80, plain));
  expect(shown(7).slice(-3)).toEqual([
    expect.stringMatching(/^books/),
    "lost     4,711 bytes lost",
    expect.stringMatching(/^▲ app: one one .*… {2}\(and 3 more\)$/),
  ]);
  expect(shown(9).slice(-2)).toEqual([
    expect.stringMatching(/^▲ app: one/),
    "▲ app: two  (and 2 more)",
  ]);
  expect(shown(20).slice(-1)).toEqual(["▲ app: four"]);
});

describe.each(Object.keys(agents))("%s", (name) => {
  test("live view - is never larger than its place, every line is one, and with colour it says the same", () => {
    for (const [width, height] of [
      [80, 24],
      [200, 50],
      [40, 12],
      [20, 9],
      [1, 8],
    ] as const) {
      const lines = screenOf(name, width, height);
      expect(lines.length).toBeLessThan(liveRows(height));
      for (const line of lines) {
        expect(widthOf(line), line).toBeLessThanOrEqual(width);
        // oxlint-disable-next-line no-control-regex
        expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
      }
      const coloured = screenOf(name, width, height, { colour: true, unicode: true });
      // oxlint-disable-next-line no-control-regex
      const bare = coloured.map((line) => line.replaceAll(/\u001b\[\d+m/g, "").trimEnd());
      expect(bare).toEqual(lines);
    }
  });
});
