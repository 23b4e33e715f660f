/**
 * What plugins throw on the events that `tallyman try` runs: with message and place, for who writes one. A message may hold a part
 * of what the plugin was looking at, by which no secret would be known, so that is shown only where secrets are.
 */
import { basename } from "node:path";
import { pluginExceptions } from "../../chain/plugins/plugin-exceptions.ts";
import type { Outcome } from "../../preview/run/outcome.ts";

/** How a line of a stack begins that is no part of the message. */
const frame = /^ {4}at /;
const lines_max = 20;

interface Exception {
  readonly step: string | undefined;
  readonly lines: readonly string[];
}

export class Exceptions {
  #thrown: Exception[] = [];

  /** Takes what plugins throw, until the one that it gives is called. */
  collect(): () => void {
    const before = pluginExceptions.show;
    pluginExceptions.show = ({ step, file }, stack) => {
      this.#thrown.push({ step, lines: ownLines(stack, basename(file)) });
    };
    return () => (pluginExceptions.show = before);
  }

  /** Forgets those of the record before. */
  clear(): void {
    this.#thrown = [];
  }

  /** What the step has thrown that ended the event. */
  of({ step, reason }: Outcome): readonly string[] | undefined {
    if (step === undefined || reason?.startsWith("step_failed:") !== true) return undefined;
    const at = this.#thrown.findIndex((each) => each.step === step);
    return at < 0 ? undefined : this.#thrown.splice(at, 1)[0]!.lines;
  }
}

/** The message, and the places in the plugin's own file. */
function ownLines(stack: string, file: string): string[] {
  const lines = stack.split("\n").filter((line) => !frame.test(line) || line.includes(`/${file}`));
  return lines.slice(0, lines_max).map((line) => line.replace(/\?sha256=[0-9a-f]{64}/, ""));
}
