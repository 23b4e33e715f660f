/**
 * How an agent is, in one sentence: the worst first.
 */
import type { Status } from "./status.ts";
import type { Warning } from "./warning.ts";

/** What is said of an agent, and how bad it is. */
export interface Health {
  readonly level: "good" | "busy" | "problem";
  readonly sentence: string;
}

/** An input that is behind by less than this is merely at work. */
const behind_seconds_min = 10;

export function healthOf(status: Status, warnings: readonly Warning[]): Health {
  const problems = warnings.filter(({ severity }) => severity === "problem");
  if (!status.books.balanced) return problem("The books do not balance.");
  if (status.state !== "ready") return { level: "busy", sentence: `The agent is ${status.state}.` };
  const stuck = status.outputs.filter(({ name }) =>
    problems.some(({ code, subject }) => code === "output_not_sending" && subject === name),
  );
  if (stuck.length > 0) {
    const [first, ...others] = stuck;
    const more = others.length === 0 ? "" : `, and ${count(others.length, "more output")}`;
    return problem(
      `Events wait: ${first!.name} is ${first!.state}${because(first!.reason)}${more}.`,
    );
  }
  if (problems.length > 0) return problem(`${count(problems.length, "problem")} to look at.`);
  const behind = inputsBehind(status);
  if (behind.length > 0) {
    return {
      level: "busy",
      sentence: `Events flow; ${behind.length === 1 ? "1 input is" : `${behind.length} inputs are`} behind.`,
    };
  }
  return { level: "good", sentence: "All is well." };
}

/** The inputs whose oldest event has waited for some time. */
export function inputsBehind({ inputs }: Status): Status["inputs"] {
  return inputs.filter(isBehind);
}

/** Whether events of the input wait for longer than it takes to deliver them. */
export function isBehind({ lag_seconds }: Status["inputs"][number]): boolean {
  return lag_seconds >= behind_seconds_min;
}

function problem(sentence: string): Health {
  return { level: "problem", sentence };
}

function because(reason: string | undefined): string {
  return reason === undefined ? "" : ` (${reason})`;
}

function count(many: number, noun: string): string {
  return `${many} ${noun}${many === 1 ? "" : "s"}`;
}
