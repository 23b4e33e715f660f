/** Whether the agent has a terminal for a live view: never in a pipe, as a service, or where its events go to the terminal. */
import type { Config } from "../../../config/config.ts";
import { outputsOf } from "../../../config/outputs.ts";

/** How the process was started. */
export interface Started {
  readonly pid: number;
  readonly environment: NodeJS.ProcessEnv;
  /** Whether standard error is a terminal. */
  readonly is_terminal: boolean;
}

/** Whether there is a terminal, and somebody at it. */
export function hasLiveTerminal({ pid, environment, is_terminal }: Started): boolean {
  const { TERM = "" } = environment;
  return is_terminal && TERM !== "" && TERM !== "dumb" && !isService(pid, environment);
}

/** Whether events go to standard output, and that is a terminal, too: a view would stand among them. */
export function printsEvents(config: Config, is_terminal: boolean): boolean {
  return is_terminal && outputsOf(config).some(({ options }) => options.type === "stdout");
}

/**
 * Whether systemd has started it. A shell in a terminal that systemd has started inherits the variables of that; which
 * process they are for, newer versions say.
 */
function isService(pid: number, environment: NodeJS.ProcessEnv): boolean {
  const { INVOCATION_ID, JOURNAL_STREAM, SYSTEMD_EXEC_PID } = environment;
  if (SYSTEMD_EXEC_PID !== undefined) return SYSTEMD_EXEC_PID === String(pid);
  return INVOCATION_ID !== undefined || JOURNAL_STREAM !== undefined;
}
