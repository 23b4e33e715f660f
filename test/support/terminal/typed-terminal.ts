/**
 * A command on a real terminal of 80 columns and 24 lines (script(1) makes it), on which a test types when it has read what it
 * waits for.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { onTestFinished } from "vitest";
import { main } from "../program.ts";

export interface Typed {
  /** What stands between what is awaited and what is typed then. */
  readonly when: string;
  readonly type: string;
}

export const keys = { enter: "\r", down: "\u001B[B", interrupt: "\u0003", clear: "\u0015" };

/** What a command has shown, and how the terminal was before it and after it. */
export interface Shown {
  readonly text: string;
  readonly status: number | null;
  /** Settings of the terminal, as `stty -a` prints them. */
  readonly before: string;
  readonly after: string;
}

const mark = "@@@@";

/** Runs `tallyman …` on the terminal, types, and gives what was shown. Its end is that of the command. */
export async function typeOn(
  words: readonly string[],
  typing: readonly Typed[],
  { cwd, environment }: { cwd: string; environment: NodeJS.ProcessEnv },
): Promise<Shown> {
  const command = [process.execPath, main, ...words].map(quoted).join(" ");
  const look = `echo ${mark}; stty -a; echo ${mark}`;
  const script = `stty cols 80 rows 24; ${look}; ${command}; status=$?; ${look}; exit $status`;
  // A shell of its own, whatever SHELL says.
  const child = spawn("script", ["-qec", script, "/dev/null"], {
    cwd,
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, SHELL: "/bin/sh", TERM: "xterm-256color", ...environment },
  });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  const { text, status } = await typed(child, typing);
  const [, before = "", shown = "", after = ""] = text.split(`${mark}\r\n`);
  return { text: shown, status, before, after };
}

function typed(
  child: ChildProcess,
  typing: readonly Typed[],
): Promise<{ text: string; status: number | null }> {
  const left = [...typing];
  let text = "";
  let from = 0;
  child.stdout!.on("data", (chunk: Buffer) => {
    text += chunk.toString();
    const [next] = left;
    const at = next === undefined ? -1 : text.indexOf(next.when, from);
    if (at < 0) return;
    left.shift();
    from = at + next!.when.length;
    child.stdin!.write(next!.type);
  });
  return new Promise((resolve) => {
    child.once("close", (status) => resolve({ text, status }));
  });
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
