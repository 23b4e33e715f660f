/** The second verifier, examples/proof/verify.py, and whether it finds the same as ours. */
import { spawn } from "node:child_process";
import { createInterface, type Interface } from "node:readline";
import type { Writable } from "node:stream";
import type { Verified } from "../../../src/proof/verify/verify.ts";

interface PythonVerdict {
  readonly verdict: string;
  readonly findings: readonly { class: string; where: string; first: number; count: number }[];
}

/** One process of it, which checks one export after the other: it knows signatures again that it has seen. */
export class PythonVerifier {
  readonly #input: Writable;
  readonly #lines: Interface;
  readonly #answers: AsyncIterator<string>;

  constructor() {
    const words = ["examples/proof/verify.py", "--batch"];
    const child = spawn("python3", words, { stdio: ["pipe", "pipe", "inherit"] });
    this.#input = child.stdin;
    this.#lines = createInterface({ input: child.stdout });
    this.#answers = this.#lines[Symbol.asyncIterator]();
  }

  /** What it says of an export. One at a time. */
  async verdict(file: string, root: string, is_strict: boolean): Promise<PythonVerdict> {
    const asked = { roots: [root], strict: is_strict, files: [file] };
    this.#input.write(`${JSON.stringify(asked)}\n`);
    const { value, done } = await this.#answers.next();
    if (done === true) throw new Error(`the second verifier has ended over ${file}`);
    return JSON.parse(value) as PythonVerdict;
  }

  /** It ends with its input. */
  stop(): void {
    this.#input.end();
    this.#lines.close();
  }
}

/** What both have to say in the same way, one line for each finding; undefined where ours says more. */
export function comparable(verified: Verified): string[] | undefined {
  const { findings } = verified;
  // Where a moved event belongs is not looked for in Python.
  if (findings.some((each) => each.class === "MOVED" && !each.detail.includes("index")))
    return undefined;
  return lines(
    findings.map(({ class: kind, lane, agent, first = 0, count = 1 }) => {
      return { class: kind, where: lane ?? agent ?? "", first, count };
    }),
  );
}

export function lines(findings: PythonVerdict["findings"]): string[] {
  const all = findings.map(({ class: kind, where, first, count }) => {
    switch (kind) {
      // Repeats of all lanes are one finding in Python.
      case "DUPLICATE":
        return kind;
      case "UNSEALED TAIL":
      case "UNKNOWN":
        return `${kind} ${where}`;
      case "SEAL ALTERED":
        return `${kind} ${where} ${first}`;
      default:
        return `${kind} ${where} ${first}+${count}`;
    }
  });
  return [...new Set(all)].toSorted();
}
