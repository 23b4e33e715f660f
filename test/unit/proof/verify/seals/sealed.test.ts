/** Who can write into the index of the seals can put others beside them, and does not push out the one that holds. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { verifyExport } from "../../../../../src/proof/verify/verify.ts";
import { isInstalled } from "../../../../support/commands.ts";
import { splunkJson } from "../../../../support/proof/exports.ts";
import { ModelAgent } from "../../../../support/proof/model-agent.ts";
import { comparable, lines, PythonVerifier } from "../../../../support/proof/python-verifier.ts";
import { temporaryDirectory } from "../../../../support/temporary.ts";

const python = isInstalled("python3") ? new PythonVerifier() : undefined;
afterAll(() => python?.stop());

describe("sealed", () => {
  test.each([
    ["in front of", true],
    ["behind", false],
  ])("sealed - many that others have signed %s a seal leave it as it is", async (_, is_before) => {
    const agent = new ModelAgent({ seed: 5, largest: 60 });
    agent.live(4);
    agent.seal("stop");
    const forger = new ModelAgent({ seed: 6 });
    const seal = agent.seals[2]!;
    const forged = Array.from({ length: 20 }, (_each, at) =>
      forger.forge({ config: `forged ${at}`, blocks: [] }, seal),
    );
    // An export has the newest first.
    const rows = is_before ? [...agent.all, ...forged] : [...forged, ...agent.all];
    const file = join(temporaryDirectory(), "export.json");
    writeFileSync(file, splunkJson(rows));
    const verified = await verifyExport({
      files: [file],
      roots: [agent.fingerprint],
      is_json_equal: false,
      is_strict: false,
      progress: { expect: () => undefined, add: () => undefined },
    });
    expect(verified.chains).toMatchObject([{ seals: agent.seals.length }]);
    const { classes, findings } = verified;
    expect(Object.keys(classes), JSON.stringify(findings)).toEqual(["SEAL ALTERED"]);
    expect(new Set(findings.map(({ first }) => first))).toEqual(new Set([2]));
    const other = await python?.verdict(file, agent.fingerprint, false);
    if (other === undefined) return;
    expect(other.verdict).toBe(verified.verdict);
    expect(lines(other.findings)).toEqual(comparable(verified));
  });
});
