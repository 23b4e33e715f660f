/** The second verifier, examples/proof/verify.py, and whether it finds the same as ours. */
import { spawnSync } from "node:child_process";
import type { Verified } from "../../../src/proof/verify/verify.ts";

interface PythonVerdict {
  readonly verdict: string;
  readonly findings: readonly { class: string; where: string; first: number; count: number }[];
}

/** What it says of an export. */
export function pythonVerdict(file: string, root: string, is_strict: boolean): PythonVerdict {
  const strict = is_strict ? ["--strict"] : [];
  const words = ["examples/proof/verify.py", "--root", root, ...strict, file];
  const { stdout, stderr } = spawnSync("python3", words, { encoding: "utf8" });
  if (stdout === "") throw new Error(stderr);
  return JSON.parse(stdout) as PythonVerdict;
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
