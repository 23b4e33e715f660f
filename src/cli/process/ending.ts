/**
 * The end of a command: with its status, as soon as what it has to say is written, whatever a plugin has left open.
 */
import {
  endProcess,
  guardProcess,
  ProcessCallRefused,
} from "../../platform/process/process-guard.ts";
import { traceOf } from "../../platform/errors.ts";
import type { LogLine } from "../../platform/log.ts";
import { printable } from "../../platform/text/printable.ts";

/** Exit status after a mistake of tallyman's own, or of a plugin; systemd then starts it again. */
const exit_bug = 70;

/** Not `process.exitCode`, which a plugin may set, too. */
class Ending {
  status = 0;
}

/** What the command that runs will end with. */
export const ending = new Ending();

/** Says what went wrong: `facts` hold no secret, and the line is for an administrator. */
export type Tell = (line: LogLine<"error">, facts: { error: string; at: string[] }) => void;

/** Has nothing but tallyman end the process, and only with what became of it. */
export function guardEnding(): void {
  guardProcess();
  endOnBug(({ message }, { error, at }) => {
    const places = at.map((each) => `    at ${each}`);
    const lines = [`tallyman: ${message}`, `  ${error}`, ...places];
    process.stderr.write(lines.map((line) => `${printable(line)}\n`).join(""));
  });
}

/** Reports an uncaught error, replaces the former reporter, and ends with status 70. */
export function endOnBug(tell: Tell): void {
  process.prependListener("uncaughtException", (thrown: unknown) => {
    tell(lineFor(thrown), traceOf(thrown));
    endProcess(exit_bug);
  });
}

/** Ends the process with the status that the command has come to. */
export async function endCommand(): Promise<never> {
  for (const stream of [process.stdout, process.stderr]) await written(stream);
  return endProcess(ending.status);
}

function lineFor(thrown: unknown): LogLine<"error"> {
  if (thrown instanceof ProcessCallRefused) {
    const message = `A plugin called ${thrown.call} outside of a step; tallyman ends with status ${exit_bug} instead.`;
    return { level: "error", code: "plugin_ended_process", message };
  }
  return { level: "error", code: "crashed", message: "A bug in tallyman or in a plugin." };
}

/** Resolves when all of it has reached its reader, or there is none any more. */
async function written(stream: NodeJS.WriteStream): Promise<void> {
  if (stream.destroyed || stream.writableLength === 0) return;
  await new Promise<void>((resolve) => {
    stream.once("close", resolve);
    stream.write("", () => resolve());
  });
}
