/**
 * A table of an overview: rows with a mark, a name and numbers. In a narrow place the less important columns are left out; of
 * more rows than there is room for, those around the chosen one are shown, and how many more there are.
 */
import { printable } from "../../platform/text/printable.ts";
import type { Line, Span } from "../terminal/drawing/spans.ts";
import { cutMiddle, padded, paddedLeft, widthOf } from "../terminal/drawing/width.ts";
import { manyOf } from "./table.ts";

/** What a row is about. */
export type Kind = "input" | "output" | "step";

export interface Row {
  /** Its name in the status. */
  readonly key: string;
  readonly level: "good" | "busy" | "problem";
  /** As it is shown, from outside. */
  readonly name: string;
  /** Said behind the name where there is room. */
  readonly about: string;
  readonly cells: readonly string[];
}

export interface Table {
  readonly kind: Kind;
  readonly title: string;
  /** The heads of the cells. */
  readonly head: readonly string[];
  /** Which cells are left out first where there is little room. */
  readonly optional: readonly string[];
  readonly rows: readonly Row[];
}

/** A row that was chosen with the keys. */
export interface Focus {
  readonly kind: Kind;
  readonly key: string;
}

const name_width_min = 18;
const gap = "  ";
const marks = { good: "  ", busy: "● ", problem: "▲ " } as const;
const styles = { good: undefined, busy: "yellow", problem: "red" } as const;

/** The head, and rows as far as there is room for: `lines_max` lines in all, and no fewer than two. */
export function tableLines(
  table: Table,
  width: number,
  lines_max: number,
  focus: Focus | undefined,
): Line[] {
  const room = Math.max(1, lines_max - 1);
  const at = table.rows.findIndex(({ key }) => table.kind === focus?.kind && key === focus.key);
  const fits = table.rows.length <= room;
  const shown_max = fits ? room : Math.max(1, room - 1);
  const from = fits ? 0 : windowStart(at, shown_max, table.rows.length);
  const shown = table.rows.slice(from, from + shown_max);
  const columns = columnsOf(table, shown, width);
  const name_width =
    width - 2 - columns.reduce((sum, { width: each }) => sum + gap.length + each, 0);
  const lines: Line[] = [
    [
      ["bold", padded(table.title, name_width + 2)],
      ...columns.map((column): Span => ["dim", gap + paddedLeft(column.head, column.width)]),
    ],
    ...shown.map((row, index) => rowLine(row, columns, name_width, from + index === at)),
  ];
  const hidden = table.rows.length - shown.length;
  if (hidden > 0 && lines.length < Math.max(2, lines_max))
    lines.push(moreLine(table, from, hidden));
  return lines;
}

interface Column {
  readonly index: number;
  readonly head: string;
  readonly width: number;
}

function columnsOf(table: Table, shown: readonly Row[], width: number): Column[] {
  const all = table.head.map((head, index): Column => {
    const widths = shown.map(({ cells }) => widthOf(cells[index] ?? ""));
    return { index, head, width: Math.max(widthOf(head), ...widths) };
  });
  // What nobody has a value for needs no column.
  let columns = all.filter(({ index }) => shown.some(({ cells }) => (cells[index] ?? "") !== ""));
  for (const left_out of table.optional) {
    const needed = columns.reduce((sum, each) => sum + gap.length + each.width, 2);
    if (needed + name_width_min <= width) break;
    columns = columns.filter(({ head }) => head !== left_out);
  }
  return columns;
}

function rowLine(
  { level, name, about, cells }: Row,
  columns: readonly Column[],
  name_width: number,
  is_chosen: boolean,
): Line {
  const shown = cutMiddle(printable(name), name_width);
  const left = name_width - widthOf(shown);
  const behind = left > about.length + 1 ? ` ${about}` : "";
  const numbers = columns.map(({ index, width }) => gap + paddedLeft(cells[index] ?? "", width));
  const text = [shown, padded(behind, left), ...numbers] as const;
  if (is_chosen) return [["inverse", `▶ ${text.join("")}`]];
  const style = styles[level];
  const [named, dimmed, ...rest] = text;
  const first: Span[] = style === undefined ? ["  ", named] : [[style, marks[level] + named]];
  return [...first, ["dim", dimmed], ...rest];
}

/** So that the chosen row is in the middle where that is possible. */
function windowStart(at: number, shown: number, all: number): number {
  if (at < 0) return 0;
  return Math.min(Math.max(0, at - Math.floor(shown / 2)), all - shown);
}

function moreLine({ kind, rows }: Table, from: number, hidden: number): Line {
  const is_bad = rows.some(({ level }, index) => {
    const is_shown = index >= from && index < from + rows.length - hidden;
    return level === "problem" && !is_shown;
  });
  const text = `  and ${manyOf(hidden, `more ${kind}`)}`;
  return is_bad ? [["red", `${text}, with problems among them`]] : [["dim", text]];
}
