/**
 * `tallyman …` within the test's own process: the same commands, output and exit status as in a process of its own, without
 * the half a second that Node takes to start. What a process does (its rights, its streams, its end) is tested with `main` of
 * program.ts.
 */
import { Console } from "node:console";
import { ending } from "../../src/cli/process/ending.ts";
import { runCommandLine } from "../../src/cli/program.ts";
import { watchdog } from "../../src/platform/watchdog/watchdog.ts";
import { main } from "./program.ts";

export interface Ended {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the command to its end. One at a time, since it writes to the streams of this process. */
export async function tallyman(
  words: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Promise<Ended> {
  const [out, err] = [capture(process.stdout), capture(process.stderr)];
  const { console: own_console } = globalThis;
  // Not the test runner's, which has its own way to the terminal.
  globalThis.console = new Console(process.stdout, process.stderr);
  const variables = { ...process.env };
  Object.assign(process.env, environment);
  ending.status = 0;
  // It would go on after the command, and end this process where another test computes for long.
  watchdog.start = (): Promise<void> => Promise.resolve();
  try {
    await runCommandLine([process.execPath, main, ...words]);
    return { status: ending.status, out: out.text(), err: err.text() };
  } finally {
    for (const name of Object.keys(environment)) delete process.env[name];
    Object.assign(process.env, variables);
    Reflect.deleteProperty(watchdog, "start");
    globalThis.console = own_console;
    out.restore();
    err.restore();
  }
}

interface Captured {
  readonly text: () => string;
  readonly restore: () => void;
}

/** Keeps what is written to the stream, instead of writing it. */
function capture(stream: NodeJS.WriteStream): Captured {
  if (Object.hasOwn(stream, "write")) throw new Error("another command is running in this process");
  let written = "";
  stream.write = (text: string | Uint8Array): boolean => {
    written += typeof text === "string" ? text : Buffer.from(text).toString();
    return true;
  };
  return {
    text: () => written,
    restore: () => Reflect.deleteProperty(stream, "write"),
  };
}
