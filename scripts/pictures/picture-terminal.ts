/** A terminal for pictures, in a folder that has a `config.yaml`, with the program of this repository as `tallyman`. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { TerminalSession } from "../../test/support/terminal/terminal-session.ts";
import { terminalPicture } from "./terminal-picture.ts";

const look_every_ms = 100;
const wait_ms_max = 20_000;
let terminals = 0;

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

export class PictureTerminal extends TerminalSession {
  readonly #columns: number;

  constructor(folder: string, { columns, rows }: TerminalSize) {
    terminals += 1;
    const programs = join(folder, "programs");
    const { PATH = "" } = process.env;
    if (mkdirSync(programs, { recursive: true }) !== undefined) {
      const script = `#!/bin/sh\nexec "${process.execPath}" "${resolve("dist/tallyman.js")}" "$@"\n`;
      writeFileSync(join(programs, "tallyman"), script, { mode: 0o755 });
    }
    super({
      socket: join(folder, `terminal-${terminals}.sock`),
      columns,
      rows,
      environment: { PATH: `${programs}:${PATH}`, PS1: "", NO_COLOR: undefined },
    });
    this.#columns = columns;
    this.type(`PS1=; cd ${folder}; clear`);
  }

  /** Waits until the screen matches; false where it does not within a while. */
  async shows(pattern: RegExp): Promise<boolean> {
    const end_ms = Date.now() + wait_ms_max;
    while (!pattern.test(this.screen())) {
      if (Date.now() > end_ms) return false;
      await new Promise((resolve_wait) => setTimeout(resolve_wait, look_every_ms));
    }
    return true;
  }

  /** What it shows, as SVG. The command that was typed is in the picture's head. */
  picture(title: string, description: string): string {
    return terminalPicture(this.styledScreen(), { title, description, columns: this.#columns });
  }
}
