/**
 * Paints lines on the whole screen of a terminal: only those that have changed since the last time.
 */

export class Painter {
  #shown: readonly string[] = [];
  #columns = 0;
  #rows = 0;

  /** What is to be written so that the screen shows the lines. */
  paint(lines: readonly string[], columns: number, rows: number): string {
    let text = "";
    if (columns !== this.#columns || rows !== this.#rows) {
      // A terminal may have moved everything.
      text += "\u001b[2J";
      this.#shown = [];
      this.#columns = columns;
      this.#rows = rows;
    }
    const shown = lines.slice(0, rows);
    for (let row = 0; row < Math.max(shown.length, this.#shown.length); row += 1) {
      const line = shown[row] ?? "";
      if (line === (this.#shown[row] ?? "")) continue;
      // It is cleared first: after a line as wide as the screen, clearing would take its last character.
      text += `\u001b[${row + 1};1H\u001b[2K${line}`;
    }
    this.#shown = shown;
    return text;
  }

  /** Paints everything the next time: something else has written to the terminal. */
  forget(): void {
    this.#columns = 0;
  }
}
