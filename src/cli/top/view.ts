/**
 * The live view of an agent: what is drawn for what was seen and chosen, and what the keys do.
 */
import type { Answer } from "../status/ask-status.ts";
import { RateHistory } from "../status/history.ts";
import { headLines, overview, tablesOf, type Seen } from "../status/overview.ts";
import type { Size, View } from "../live/live-screen.ts";
import type { Line } from "../terminal/drawing/spans.ts";
import type { Key } from "../terminal/screen/keyboard.ts";
import { afterKey, first_choice, type Choice } from "./choice.ts";
import { detailLines } from "./detail.ts";

const help: readonly string[] = [
  "KEYS",
  "  ↑ ↓ page up, page down   choose an input, output or step",
  "  tab                      go to the next table",
  "  enter                    show all of what is chosen; enter or escape goes back",
  "  s                        sort: worst first, busiest first, by name",
  "  p                        pause: the screen stands still",
  "  ?                        show this, and go back",
  "  q, ctrl-c                quit",
  "",
  "WHAT IS SHOWN",
  "  ▲ something is wrong; WARNINGS says what. ● it is behind, or tries again.",
  "  Rates are smoothed over 5 seconds; the lines beside them grow to the right.",
  "  BEHIND is what has no fate yet, OLDEST the age of its oldest event, DONE how",
  "  much of the files is settled, LEFT how long the rest takes at this rate.",
  "  50 % IN: half of the events were delivered within that time.",
  "  STEPS count since the start of the agent, and books since its first start.",
];

export class TopView implements View<Answer> {
  #seen: Seen | undefined;
  #choice: Choice = first_choice;
  readonly #history = new RateHistory();

  get is_paused(): boolean {
    return this.#choice.is_paused;
  }

  take(answer: Answer): void {
    this.#history.note(answer);
    this.#seen = { status: answer, warnings: answer.warnings, history: this.#history };
  }

  press(key: Key): "end" | undefined {
    const tables = this.#seen === undefined ? [] : tablesOf(this.#seen, this.#choice.sort);
    const next = afterKey(this.#choice, key, tables);
    if (next === "end") return "end";
    this.#choice = next;
    return undefined;
  }

  lines({ width, height }: Size): Line[] {
    const seen = this.#seen;
    if (seen === undefined) return [];
    const room = height - 1;
    const lines = this.#page(seen, width, room).slice(0, room);
    const blank = Array.from({ length: room - lines.length }, (): Line => []);
    return [...lines, ...blank, this.#footer(width)];
  }

  #page(seen: Seen, width: number, height: number): Line[] {
    const { page, focus, sort, scroll } = this.#choice;
    if (page === "overview") return overview(seen, { width, height, sort, focus });
    const head = headLines(seen, width).slice(0, 2);
    const below: Line[] =
      page === "help" || focus === undefined
        ? help.map((line): Line => [/^[A-Z ]+$/.test(line) ? ["bold", line] : line])
        : detailLines(seen, focus, width);
    const room = Math.max(1, height - head.length - 1);
    const from = Math.min(scroll, Math.max(0, below.length - room));
    // What has no lines left to scroll to does not count further.
    this.#choice = { ...this.#choice, scroll: from };
    return [...head, [], ...below.slice(from, from + room)];
  }

  #footer(width: number): Line {
    const { page, sort, is_paused } = this.#choice;
    const keys =
      page === "overview"
        ? `↑↓ choose · enter show · s sort (${sort}) · p pause · ? help · q quit`
        : "↑↓ scroll · enter back · p pause · ? help · q quit";
    const paused = is_paused ? "PAUSED · " : "";
    return [["inverse", ` ${paused}${keys}`.padEnd(width)]];
  }
}
