/**
 * Paints a few lines below others that scroll: on the screen as it is, and with nothing that has to be put back at the end.
 *
 * An empty line stands before the few, and the cursor rests at its beginning. So whatever somebody types or prints meanwhile
 * lands on that line, and all from there on may be painted over, however the terminal has moved it when its size changed.
 */

const clear_line = "\u001b[K";
const clear_below = "\u001b[J";
/** A line that is too long for a terminal that has become smaller is cut there, and does not become two. */
const [no_wrap, wrap] = ["\u001b[?7l", "\u001b[?7h"];

export class InlinePainter {
  #is_drawn = false;

  /** What is to be written so that the scrolling lines stand above the view, which replaces the former one. */
  paint(scrolling: readonly string[], view: readonly string[]): string {
    const was_drawn = this.#is_drawn;
    this.#is_drawn = view.length > 0;
    // Each line is cleared before it is written: after one as wide as the screen, clearing would take its last character.
    const above = scrolling.map((line) => `${was_drawn ? clear_line : ""}${line}\r\n`).join("");
    const start = was_drawn ? "\r" : "";
    if (view.length === 0) return `${start}${above}${was_drawn ? clear_below : ""}`;
    const last = view.length - 1;
    const below = view.map((line, at) => `\r\n${at === last ? clear_below : clear_line}${line}`);
    return `${start}${above}${clear_line}${no_wrap}${below.join("")}${wrap}\u001b[${view.length}A\r`;
  }

  /** Takes nothing on the screen for its own any more: somebody else has had the terminal. */
  forget(): void {
    this.#is_drawn = false;
  }
}
