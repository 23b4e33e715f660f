/** A terminal as far as painters use it: a screen that scrolls, and what has scrolled off it. */

// oxlint-disable-next-line no-control-regex
const pieces = /\u001b\[(\??)(\d*)([A-Za-z])|[\s\S]/gu;

export class ScreenModel {
  readonly #columns: number;
  readonly #rows: number;
  /** All lines since the start; the screen shows the last ones. */
  #lines: string[] = [""];
  #row = 0;
  #column = 0;
  #wraps = true;

  constructor(columns: number, rows: number) {
    this.#columns = columns;
    this.#rows = rows;
  }

  /** All that is shown, and was shown and scrolled off. */
  get lines(): string[] {
    return this.#lines.map((line) => line.trimEnd());
  }

  /** Where the cursor is: the line among all, and the column. */
  get cursor(): { readonly line: number; readonly column: number } {
    return { line: this.#row, column: this.#column };
  }

  write(text: string): void {
    for (const [piece, mark, number, command] of text.matchAll(pieces)) {
      if (command === undefined) this.#put(piece);
      else this.#obey(`${mark}${command}`, number === "" ? undefined : Number(number));
    }
  }

  #put(character: string): void {
    if (character === "\r") this.#column = 0;
    else if (character === "\n") this.#down();
    else {
      if (this.#column === this.#columns && this.#wraps) {
        this.#column = 0;
        this.#down();
      }
      const at = Math.min(this.#column, this.#columns - 1);
      const line = this.#lines[this.#row]!.padEnd(at);
      this.#lines[this.#row] = line.slice(0, at) + character + line.slice(at + 1);
      this.#column = at + 1;
    }
  }

  #down(): void {
    this.#row += 1;
    if (this.#row === this.#lines.length) this.#lines.push("");
  }

  #obey(command: string, number: number | undefined): void {
    const top = Math.max(0, this.#lines.length - this.#rows);
    if (command === "A") this.#row = Math.max(top, this.#row - (number ?? 1));
    else if (command === "K" || command === "J") {
      const line = this.#lines[this.#row]!;
      this.#lines[this.#row] = line.slice(0, Math.min(this.#column, this.#columns - 1));
      if (command === "J") this.#lines.fill("", this.#row + 1);
    } else if (command === "?h" || command === "?l") {
      if (number !== 7) throw new Error(`unknown mode ${number}`);
      this.#wraps = command === "?h";
    } else if (command !== "m") throw new Error(`unknown sequence ${command}`);
  }
}
