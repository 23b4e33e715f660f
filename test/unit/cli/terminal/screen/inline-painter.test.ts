/** The view below lines that scroll: nothing of it stays among them, and none of them is lost. */
import { expect, test } from "vitest";
import { InlinePainter } from "../../../../../src/cli/terminal/screen/inline-painter.ts";
import { ScreenModel } from "../../../../support/terminal/screen-model.ts";

const [columns, rows] = [20, 8];

function onScreen(): { painter: InlinePainter; screen: ScreenModel } {
  const screen = new ScreenModel(columns, rows);
  screen.write("$ tallyman run\r\n");
  return { painter: new InlinePainter(), screen };
}

test("inline painter - lines scroll above the view, which is drawn again and gone at the end", () => {
  const { painter, screen } = onScreen();
  const logged: string[] = [];
  for (let round = 0; round < 20; round += 1) {
    const lines = round % 3 === 0 ? [`log ${round}a`, `log ${round}b`.padEnd(columns, "=")] : [];
    logged.push(...lines);
    const view = Array.from({ length: 2 + (round % 3) }, (_, at) => `view ${round} ${at}`);
    screen.write(painter.paint(lines, [...view, "#".repeat(columns)]));
    const expected = ["$ tallyman run", ...logged, "", ...view, "#".repeat(columns)];
    // What is below a view that has become smaller is empty.
    expect(screen.lines.join("\n").trimEnd().split("\n")).toEqual(expected);
    expect(screen.cursor).toEqual({ line: 1 + logged.length, column: 0 });
  }
  screen.write(painter.paint(["last"], []));
  expect(screen.lines.join("\n").trimEnd().split("\n")).toEqual([
    "$ tallyman run",
    ...logged,
    "last",
  ]);
  expect(screen.cursor).toEqual({ line: 2 + logged.length, column: 0 });
});

test("inline painter - what is typed is painted over, and what another prints stays", () => {
  const { painter, screen } = onScreen();
  screen.write(painter.paint([], ["one", "two"]));
  screen.write("typed^C");
  screen.write(painter.paint(["log"], ["one", "two"]));
  expect(screen.lines).toEqual(["$ tallyman run", "log", "", "one", "two"]);
  screen.write("printed by a plugin\r\n");
  screen.write(painter.paint([], ["one", "two"]));
  expect(screen.lines).toEqual(["$ tallyman run", "log", "printed by a plugin", "", "one", "two"]);
});

test("inline painter - a view that is wider than the terminal has become does not wrap", () => {
  const { painter, screen } = onScreen();
  for (let round = 0; round < 3; round += 1) {
    screen.write(painter.paint([`log ${round}`], ["v".repeat(3 * columns), "two"]));
  }
  const cut = expect.stringMatching(/^v{20}$/) as string;
  expect(screen.lines).toEqual(["$ tallyman run", "log 0", "log 1", "log 2", "", cut, "two"]);
});

test("inline painter - without a view it only prints, and forgotten it draws where the cursor is", () => {
  const { painter, screen } = onScreen();
  expect(painter.paint(["log"], [])).toBe("log\r\n");
  screen.write(painter.paint([], ["one"]));
  screen.write("\r\n\r\n$ fg\r\n");
  painter.forget();
  screen.write(painter.paint(["log"], ["one"]));
  expect(screen.lines.slice(-5)).toEqual(["one", "$ fg", "log", "", "one"]);
});
