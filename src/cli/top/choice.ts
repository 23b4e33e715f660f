/**
 * What somebody has chosen in the live view with the keys: a row, the order, whether it is looked at closely, and whether the
 * screen stands still.
 */
import type { Focus, Table } from "../status/rows.ts";
import { sorts, type Sort } from "../status/tables.ts";
import type { Key } from "../terminal/screen/keyboard.ts";

/** How many rows a page is. */
const page_rows = 10;

export interface Choice {
  readonly page: "overview" | "detail" | "help";
  readonly focus: Focus | undefined;
  readonly sort: Sort;
  readonly is_paused: boolean;
  /** Lines of the detail that are above the screen. */
  readonly scroll: number;
}

export const first_choice: Choice = {
  page: "overview",
  focus: undefined,
  sort: "worst first",
  is_paused: false,
  scroll: 0,
};

/** What a key makes of the choice; `end` where it ends the view. */
export function afterKey(choice: Choice, key: Key, tables: readonly Table[]): Choice | "end" {
  const { page, sort, is_paused } = choice;
  if (key === "q" || key === "Q" || key === "ctrl-c") return "end";
  if (key === "p" || key === " ") return { ...choice, is_paused: !is_paused };
  if (key === "?" || key === "h") return { ...choice, page: page === "help" ? "overview" : "help" };
  if (page !== "overview") {
    if (["escape", "enter", "left"].includes(key))
      return { ...choice, page: "overview", scroll: 0 };
    return { ...choice, scroll: Math.max(0, choice.scroll + stepOf(key)) };
  }
  if (key === "s") {
    const next = sorts[(sorts.indexOf(sort) + 1) % sorts.length]!;
    return { ...choice, sort: next };
  }
  if (key === "escape") return { ...choice, focus: undefined };
  if (key === "enter" || key === "right") {
    return choice.focus === undefined ? choice : { ...choice, page: "detail", scroll: 0 };
  }
  return { ...choice, focus: moved(choice.focus, key, tables) };
}

function moved(focus: Focus | undefined, key: Key, tables: readonly Table[]): Focus | undefined {
  const all = tables.flatMap(({ kind, rows }) =>
    rows.map((row): Focus => ({ kind, key: row.key })),
  );
  const at = all.findIndex((each) => each.kind === focus?.kind && each.key === focus.key);
  if (key === "tab" || key === "back tab") {
    const kinds = tables.filter(({ rows }) => rows.length > 0).map(({ kind }) => kind);
    const by = key === "tab" ? 1 : -1;
    const now = at < 0 ? (by > 0 ? -1 : 0) : kinds.indexOf(focus!.kind);
    const kind = kinds.at((now + by + kinds.length) % kinds.length);
    return all.find((each) => each.kind === kind);
  }
  if (key === "home") return all[0];
  if (key === "end") return all.at(-1);
  const by = stepOf(key);
  if (by === 0) return focus;
  if (at < 0) return all[0];
  return all[Math.min(all.length - 1, Math.max(0, at + by))];
}

function stepOf(key: Key): number {
  const steps: Readonly<Record<string, number>> = {
    up: -1,
    k: -1,
    down: 1,
    j: 1,
    "page up": -page_rows,
    "page down": page_rows,
  };
  return steps[key] ?? 0;
}
