/** Starts the process of an isolated step, and decides what it gets of this one. */
import type { ChildProcess } from "node:child_process";
import type { Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { isolation_worker } from "../../platform/places.ts";
import { socket_descriptor } from "./orders.ts";

/**
 * What it gets of the environment: how to find files, to write dates and texts, and to run Node. The rest may hold secrets, such
 * as a token that the configuration takes from there.
 */
const environment =
  /^(?:HOME|LANG|LANGUAGE|LC_\w+|LD_LIBRARY_PATH|LOGNAME|NODE_\w+|PATH|SHELL|TMPDIR|TZ|USER)$/;

export interface StartedChild {
  readonly child: ChildProcess;
  /** For events. */
  readonly socket: Socket;
}

/** Undefined where the system has no room for a process; `onFailure` is always called later, with the system's code. */
export function startChild(onFailure: (code: string) => void): StartedChild | undefined {
  const { fork } = process.getBuiltinModule("node:child_process");
  try {
    // In a session of its own: a Ctrl-C in the terminal is for the agent, which asks the process for what is left.
    const child = fork(fileURLToPath(isolation_worker), [], {
      env: Object.fromEntries(
        Object.entries(process.env).filter(([name]) => environment.test(name)),
      ),
      execArgv: ["--disable-warning=ExperimentalWarning", "--disable-sigusr1"],
      detached: true,
      stdio: ["ignore", "inherit", "inherit", "ipc", "pipe"],
    });
    child.on("error", (error) => onFailure(codeOf(error)));
    // Where there is no descriptor left, Node gives a process without them, and reports the error later.
    const stdio = child.stdio as ChildProcess["stdio"] | undefined;
    if (stdio === undefined) return undefined;
    const socket = stdio[socket_descriptor] as Socket;
    // Whatever happens to it is seen when it is used.
    socket.on("error", () => undefined);
    socket.unref();
    return { child, socket };
  } catch (thrown) {
    process.nextTick(() => onFailure(codeOf(thrown)));
    return undefined;
  }
}

function codeOf(thrown: unknown): string {
  return String(Object(thrown).code);
}
