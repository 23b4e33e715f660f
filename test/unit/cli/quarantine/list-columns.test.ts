/** The list of the quarantine on terminals of any width. */
import { expect, test } from "vitest";
import { ListColumns, type Cells } from "../../../../src/cli/quarantine/list-columns.ts";
import { widthOf } from "../../../../src/cli/terminal/drawing/width.ts";

const cells: Cells = [
  "3fa91c0b72de",
  "2026-01-02 03:04:05",
  "an_input_with_a_long_name",
  "unreadable_by_a_step_with_a_name",
  "6",
  "12345678",
];

test("list - is never wider than the terminal, and has as much of the names as there is room for", () => {
  for (let columns = 20; columns <= 240; columns += 1) {
    expect(widthOf(new ListColumns(columns).lineOf(cells)), `${columns}`).toBeLessThanOrEqual(
      columns,
    );
  }
  expect(new ListColumns(80).lineOf(cells)).toBe(
    "3fa91c0b72de 2026-01-02 03:04:05 an_input_w… unreadable_by_a_step…    6 12345678",
  );
  expect(new ListColumns(60).lineOf(cells)).toBe(
    "3fa91c0b72de an_input_w… unreadable_by_a_step…    6 12345678",
  );
  expect(new ListColumns(200).lineOf(cells)).toMatch(
    / an_input_with_a_lon\S+ unreadable_by_a_step_with_a_name /,
  );
});

test("list - in a pipe nothing is cut, and columns are where they always were", () => {
  const [id, time, input, reason, code, size] = cells;
  expect(new ListColumns(undefined).lineOf(cells)).toBe(
    `${id} ${time} ${input} ${reason}    ${code} ${size}`,
  );
  expect(new ListColumns(undefined).lineOf(["a", "b", "c", "d", "", "1"])).toBe(
    `a            b                   c            d                               ${" ".repeat(7)}1`,
  );
});
