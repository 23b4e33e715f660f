/** An export of a model agent is clean in each of its forms, and what is wrong with it is named. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  verifyExport,
  type Verified,
  type VerifyOptions,
} from "../../../../src/proof/verify/verify.ts";
import { longTest } from "../../../support/effort.ts";
import { archive, csv, gzipped, splunkJson, zstandard } from "../../../support/proof/exports.ts";
import { ModelAgent, type Row } from "../../../support/proof/model-agent.ts";
import { RandomSource } from "../../../support/random/random-source.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";

function livedAgent(seed: number): ModelAgent {
  const agent = new ModelAgent({ seed });
  agent.live(12);
  agent.seal("stop");
  return agent;
}

async function verified(
  text: string | Buffer,
  agent: ModelAgent,
  options: Partial<VerifyOptions> = {},
): Promise<Verified> {
  const file = join(temporaryDirectory(), "export");
  writeFileSync(file, text);
  return verifyExport({
    files: [file],
    roots: [agent.fingerprint],
    is_json_equal: false,
    is_strict: false,
    progress: { expect: () => undefined, add: () => undefined },
    ...options,
  });
}

const forms: [string, (rows: readonly Row[]) => string | Buffer][] = [
  ["Splunk's JSON lines", splunkJson],
  ["Splunk's CSV", csv],
  ["an archive of ours", archive],
  ["gzip", (rows) => gzipped(splunkJson(rows))],
  ["zstd", (rows) => zstandard(csv(rows))],
];

describe("verify", () => {
  test.each(forms)("verify - is clean on %s", async (_, form) => {
    const agent = livedAgent(7);
    const { verdict, findings, counts } = await verified(form(agent.all), agent);
    expect(findings).toEqual([]);
    expect(verdict).toBe("clean");
    expect(counts).toMatchObject({ events: agent.all.length, unsealed: 0 });
    expect(counts.proven).toBeGreaterThan(500);
    expect(counts.repeats).toBeGreaterThan(0);
  });

  test("verify - says that it cannot where there is nothing to compare with", async () => {
    const agent = livedAgent(7);
    const impossible = { code: "verify_impossible" };
    await expect(verified(splunkJson(agent.rows), agent)).rejects.toMatchObject(impossible);
    const roots = [livedAgent(8).fingerprint];
    await expect(verified(splunkJson(agent.all), agent, { roots })).rejects.toMatchObject(
      impossible,
    );
  });

  longTest(
    "verify - is clean where events are in any order, and go to temporary files",
    async () => {
      const agent = new ModelAgent({ seed: 5, lanes: 1, largest: 10 });
      agent.live(3);
      const padding = "x".repeat(40_000);
      agent.deliverTexts(Array.from({ length: 1800 }, (_, at) => `${at} ${padding}`));
      agent.seal("stop");
      const random = new RandomSource(1);
      const rows = agent.all.toSorted(() => random.next() - 0.5);
      const { verdict, findings, counts } = await verified(splunkJson(rows), agent);
      expect(findings).toEqual([]);
      expect(verdict).toBe("clean");
      expect(counts.proven).toBeGreaterThan(1800);
    },
  );
});
