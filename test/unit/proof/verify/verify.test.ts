/** An export of a model agent is clean in each of its forms, and what is wrong with it is named. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  verifyExport,
  type Verified,
  type VerifyOptions,
} from "../../../../src/proof/verify/verify.ts";
import { archive, csv, gzipped, splunkJson, zstandard } from "../../../support/proof/exports.ts";
import { ModelAgent, type Row } from "../../../support/proof/model-agent.ts";
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
});
