/**
 * The vectors of examples/proof: the exports that are there are those of a model agent, and both verifiers find in them what
 * expected.json says. TALLYMAN_WRITE_VECTORS=1 writes them again.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { verifyExport, type Verified } from "../../../src/proof/verify/verify.ts";
import { isInstalled } from "../../support/commands.ts";
import { long, sampledCases } from "../../support/effort.ts";
import { splunkJson } from "../../support/proof/exports.ts";
import { ModelAgent, type Row } from "../../support/proof/model-agent.ts";
import { mutations } from "../../support/proof/mutations.ts";
import { comparable, lines, PythonVerifier } from "../../support/proof/python-verifier.ts";
import { RandomSource } from "../../support/random/random-source.ts";

const directory = "examples/proof";
const vector_seed = 20;
const names = [
  "delete one event",
  "delete a seal",
  "alter a byte",
  "insert a lane",
  "seal an old entry with a newer key",
  "renumber",
];

interface Expected {
  readonly root: string;
  readonly exports: Record<
    string,
    { verdict: string; findings: { class: string; detail: string }[] }
  >;
}

function smallAgent(): ModelAgent {
  const agent = new ModelAgent({ seed: vector_seed, lanes: 2, largest: 30 });
  agent.live(7);
  agent.seal("stop");
  return agent;
}

/** The clean export, and one for each of some mutations. */
function vectors(): Record<string, readonly Row[]> {
  const all: Record<string, readonly Row[]> = { "clean.json": smallAgent().all };
  for (const name of names) {
    const file = `${name.replaceAll(" ", "-")}.json`;
    all[file] = mutations[name]!(smallAgent(), new RandomSource(vector_seed)).rows;
  }
  return all;
}

function verified(name: string, root: string): Promise<Verified> {
  return verifyExport({
    files: [join(directory, name)],
    roots: [root],
    is_json_equal: false,
    is_strict: false,
    progress: { expect: () => undefined, add: () => undefined },
  });
}

if (process.env["TALLYMAN_WRITE_VECTORS"] === "1") {
  mkdirSync(directory, { recursive: true });
  const expected: Expected = { root: smallAgent().fingerprint, exports: {} };
  for (const [name, rows] of Object.entries(vectors())) {
    writeFileSync(join(directory, name), splunkJson(rows));
    const { verdict, findings } = await verified(name, expected.root);
    const found = findings.map(({ class: kind, detail }) => ({ class: kind, detail }));
    expected.exports[name] = { verdict, findings: found };
  }
  writeFileSync(join(directory, "expected.json"), `${JSON.stringify(expected, undefined, 2)}\n`);
}

const expected = JSON.parse(readFileSync(join(directory, "expected.json"), "utf8")) as Expected;

const python = isInstalled("python3") ? new PythonVerifier() : undefined;
afterAll(() => python?.stop());

describe.each(sampledCases(Object.entries(vectors()), 4))("%s", long, (name, rows) => {
  test("vectors - the export is that of the model agent", () => {
    expect(readFileSync(join(directory, name), "utf8")).toBe(splunkJson(rows));
    expect(smallAgent().fingerprint).toBe(expected.root);
  });

  test("vectors - both verifiers find what is expected", async () => {
    const found = await verified(name, expected.root);
    const { verdict, findings } = expected.exports[name]!;
    expect(found.verdict).toBe(verdict);
    expect(found.findings).toMatchObject(findings);
    expect(found.findings).toHaveLength(findings.length);
    if (python === undefined) return;
    const other = await python.verdict(join(directory, name), expected.root, false);
    expect(other.verdict).toBe(verdict);
    const ours = comparable(found);
    if (ours !== undefined) expect(lines(other.findings)).toEqual(ours);
  });
});

test.runIf(isInstalled("python3"))(
  "vectors - the second verifier answers by its exit status",
  () => {
    const ask = (name: string): number | null => {
      const words = ["verify.py", "--root", expected.root, name];
      return spawnSync("python3", words, { cwd: directory }).status;
    };
    expect([ask("clean.json"), ask("delete-one-event.json")]).toEqual([0, 1]);
  },
);
