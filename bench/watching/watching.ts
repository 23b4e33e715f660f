/**
 * Those who watch an agent: ten pages, and a tap at its highest rate. They are a process of their own, which is started once and
 * has the lowest priority: in life they are on other machines, or at least on a processor to spare.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface, type Interface } from "node:readline";

export const pages = 10;

const program = new URL("watchers-process.ts", import.meta.url).pathname;

/** What has come in. */
export interface Seen {
  /** Answers to the pages. */
  readonly answers: number;
}

export class Watchers {
  readonly #child: ChildProcess;
  readonly #lines: Interface;

  /** They rest at first. */
  constructor(socket: string, has_tap: boolean) {
    const words = ["-n19", process.execPath, program, socket, ...(has_tap ? ["tap"] : [])];
    const child = spawn("nice", words, { stdio: ["pipe", "pipe", "inherit"] });
    this.#child = child;
    this.#lines = createInterface({ input: child.stdout });
  }

  /** Begins, and resolves when a tap has shown its first events. */
  watch(): Promise<Seen> {
    return this.#say("watch");
  }

  rest(): Promise<Seen> {
    return this.#say("rest");
  }

  async stop(): Promise<void> {
    const closed = once(this.#child, "close");
    this.#child.stdin!.end();
    await closed;
  }

  async #say(word: string): Promise<Seen> {
    const answer = once(this.#lines, "line");
    this.#child.stdin!.write(`${word}\n`);
    const [line] = (await answer) as [string];
    return JSON.parse(line) as Seen;
  }
}
