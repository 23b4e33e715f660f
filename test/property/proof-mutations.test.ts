/** Whatever is done to an export, verify names it, in its class and place, and nothing else. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { verifyExport } from "../../src/proof/verify/verify.ts";
import { finding_classes } from "../../src/proof/verify/findings/finding.ts";
import { isInstalled } from "../support/commands.ts";
import { is_long, long, sampledCases } from "../support/effort.ts";
import { splunkJson } from "../support/proof/exports.ts";
import { ModelAgent } from "../support/proof/model-agent.ts";
import { mutations } from "../support/proof/mutations.ts";
import { comparable, lines, PythonVerifier } from "../support/proof/python-verifier.ts";
import { RandomSource } from "../support/random/random-source.ts";
import { seed } from "../support/seed.ts";
import { temporaryDirectory } from "../support/temporary.ts";

const python = isInstalled("python3") ? new PythonVerifier() : undefined;
afterAll(() => python?.stop());

/** 20 kinds, 50 of each; `npm test` has one of every third kind. Those of one agent come one after the other. */
const tries = is_long ? 50 : 1;
const names = sampledCases(Object.keys(mutations), 3);
const cases = Array.from({ length: tries }, (_, at) => seed + at).flatMap((number) =>
  names.map((name) => ({ name, number })),
);

/** The agent of the cases before, which is made once: a mutation changes only what its export has. */
let made: { number: number; agent: ModelAgent } | undefined;

function agentOf(number: number): ModelAgent {
  if (made?.number === number) return made.agent;
  const granularity = number % 3 === 0 ? "event" : "leaf";
  // Few have several blocks in a lane: that costs ten times as much to look at, and does not matter to most mutations.
  const largest = number % 10 === 0 ? 1500 : 100;
  const agent = new ModelAgent({ seed: number, granularity, largest });
  agent.live(10);
  agent.seal("stop");
  made = { number, agent };
  return agent;
}

describe("mutations", long, () => {
  test.each(cases)("mutations - $name, $number", async ({ name, number }) => {
    const agent = agentOf(number);
    const mutated = mutations[name]!(agent, new RandomSource(number));
    const file = join(temporaryDirectory(), "export.json");
    writeFileSync(file, splunkJson(mutated.rows));
    const verified = await verifyExport({
      files: [file],
      roots: [agent.fingerprint],
      is_json_equal: false,
      is_strict: mutated.is_strict === true,
      progress: { expect: () => undefined, add: () => undefined },
    });
    const { verdict, classes, findings } = verified;
    if (python !== undefined) {
      const other = await python.verdict(file, agent.fingerprint, mutated.is_strict === true);
      const ours = comparable(verified);
      expect(other.verdict).toBe(verdict);
      if (ours !== undefined) expect(lines(other.findings)).toEqual(ours);
    }
    const { class: kind, lane, number: place, also = [] } = mutated;
    const found = findings.filter(
      (each) =>
        each.class === kind &&
        (lane === undefined || each.lane === lane) &&
        (place === undefined || (each.first! <= place && place < each.first! + each.count!)),
    );
    expect(found, JSON.stringify(findings)).not.toEqual([]);
    // The model repeats events by itself.
    const others = Object.keys(classes).filter(
      (each) => each !== kind && !also.includes(each as never),
    );
    expect(others, JSON.stringify(findings)).toEqual([]);
    const is_note = finding_classes[kind] === "note";
    const is_against =
      !is_note || also.some((each) => each in classes && finding_classes[each] === "finding");
    expect(verdict).toBe(is_against ? "findings" : "clean");
  });
});
