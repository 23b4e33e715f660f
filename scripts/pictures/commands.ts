/** Pictures of commands on a terminal, beside the agent of the scene. */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { PictureTerminal } from "./picture-terminal.ts";
import type { Scene } from "./scene.ts";

const columns = 100;
const events_tried = 200;
const attempts_max = 10;

interface CommandPicture {
  /** Of the file. */
  readonly name: string;
  readonly command: string;
  /** For those who do not see it. */
  readonly description: string;
  readonly rows: number;
  /** What is there when it shows all. */
  readonly until: RegExp;
}

/** What shows how something went on is begun at once. */
const begun_early: CommandPicture = {
  name: "top",
  command: "tallyman top",
  description:
    "tallyman top: health, rates with their course, books, a warning, and tables of inputs, outputs and steps, the worst first.",
  rows: 32,
  until: /Events flow[\s\S]*q quit/,
};

const begun_late: readonly CommandPicture[] = [
  {
    name: "status",
    command: "tallyman status",
    description: "tallyman status: the same as tallyman top, printed once.",
    rows: 40,
    until: /Events flow[\s\S]*^quarantine /m,
  },
  {
    name: "try",
    command: "tallyman try --input s3_audit --limit 2 sample.log",
    description:
      "tallyman try: of two events what a redact step changes, with secrets as tags; a summary; how often each rule matched; and which rules never did.",
    rows: 48,
    until: /^Never matched[\s\S]*route$/m,
  },
  {
    name: "tap",
    command: "tallyman tap --rate 3",
    description:
      "tallyman tap: events as they pass, one a line, with time, input and output, and passwords redacted.",
    rows: 20,
    until: /(^.*(archive|splunk).*\n){12}.*showing [1-9]/m,
  },
];

/** Begins what takes time; `draw` makes the pictures in the folder. */
export function commandsOf(scene: Scene, folder: string): { draw(): Promise<void> } {
  const save = (name: string, picture: string): void =>
    writeFileSync(join(folder, `${name}.svg`), picture);
  const early = begin(scene, begun_early);
  const finish = async (terminal: PictureTerminal, of: CommandPicture): Promise<boolean> => {
    const is_shown = await terminal.shows(of.until);
    if (is_shown) save(of.name, terminal.picture(of.command, of.description));
    terminal.close();
    return is_shown;
  };
  /** What is printed once may have been printed in a moment that is no picture of an agent that is well. */
  const finishOne = async (of: CommandPicture, begun?: PictureTerminal): Promise<void> => {
    if (begun !== undefined && (await finish(begun, of))) return;
    for (let attempt = 0; attempt < attempts_max; attempt += 1) {
      if (await finish(begin(scene, of), of)) return;
    }
    throw new Error(`${of.command} has not shown ${of.until}`);
  };
  return {
    async draw() {
      const description =
        "tallyman run on a terminal: log lines, and below them health, rates with their course, outputs, books and a warning.";
      save("run", scene.terminal.picture("tallyman run", description));
      await finishOne(begun_early, early);
      const log = execFileSync("head", [`-n${events_tried}`, "logs/s3-audit.log"], {
        cwd: scene.folder,
      });
      writeFileSync(join(scene.folder, "sample.log"), log);
      for (const each of begun_late) await finishOne(each);
    },
  };
}

function begin({ folder }: Scene, { command, rows }: CommandPicture): PictureTerminal {
  const terminal = new PictureTerminal(folder, { columns, rows });
  terminal.type(`clear; ${command}`);
  return terminal;
}
