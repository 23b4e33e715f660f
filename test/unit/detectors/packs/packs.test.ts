/**
 * Goal: each pack does what its samples say, masks nothing in clean events of any format, and a mistake in a user's own pack
 * is shown where it is. Method: the packs that ship, through a plain redaction; files with one mistake each.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Detectors } from "../../../../src/detectors/detectors.ts";
import { checkPack } from "../../../../src/detectors/packs/check-pack.ts";
import { builtInPacks, loadPack } from "../../../../src/detectors/packs/load-pack.ts";
import { sampled } from "../../../support/effort.ts";
import { RandomSource } from "../../../support/random/random-source.ts";
import { clean_formats } from "../../../support/secrets/clean-events.ts";
import { referenceRedaction } from "../../../support/secrets/reference-redaction.ts";
import { seed } from "../../../support/seed.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";

const names = builtInPacks();

async function redactionOf(name: string): Promise<(line: string) => string> {
  const pack = await loadPack(name, ".");
  return referenceRedaction(pack, await Detectors.create(pack.detect, pack.patterns));
}

describe("packs", () => {
  test("packs - are these, each named like its file", async () => {
    expect(names).toEqual([
      "auditd",
      "cloudtrail",
      "http_headers",
      "kubernetes",
      "s3_audit",
      "vault",
      "web_access",
    ]);
    for (const name of names) expect((await loadPack(name, ".")).name).toBe(name);
  });

  test.each(names)("packs - the samples of %s come out as they say", async (name) => {
    expect(checkPack(await loadPack(name, "."), await redactionOf(name))).toEqual([]);
  });

  test("packs - a sample that comes out otherwise is shown with its line", async () => {
    const pack = await loadPack("http_headers", ".");
    const faults = checkPack(pack, (line) => line);
    expect(faults.map(({ sample }) => sample)).toEqual([
      "headers as a map",
      "headers as a list of names and values",
    ]);
    expect(faults[0]!.line).toBeGreaterThan(40);
  });

  sampled(
    "packs - all together mask nothing in clean events",
    { sample: 20, all: 8000 },
    async (count) => {
      const packs = await Promise.all(names.map((name) => loadPack(name, ".")));
      const all = {
        ...packs[0]!,
        fields: packs.flatMap(({ fields }) => fields),
        keys: packs.flatMap(({ keys }) => keys),
        name_value: true,
      };
      const redact = referenceRedaction(all, await Detectors.create(["credentials"]));
      for (const [format, make] of Object.entries(clean_formats)) {
        const random = new RandomSource(seed);
        for (let number = 0; number < count; number += 1) {
          const event = make(random);
          const got = withoutAuthorization(redact(event));
          const expected = withoutAuthorization(event);
          if (got !== expected) expect(got, format).toBe(expected);
        }
      }
    },
  );

  /** This header is masked as a whole, whether or not the signature is still in it. */
  function withoutAuthorization(event: string): string {
    return event.replaceAll(/"Authorization":"[^"]*"/g, '"Authorization":""');
  }
});

describe("packs of users", () => {
  async function refused(text: string): Promise<string> {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, "own.yaml"), text);
    const thrown: unknown = await loadPack("./own.yaml", directory).catch(
      (error: unknown) => error,
    );
    return (thrown as Error).message.replace(`${directory}/`, "");
  }

  const whole = `name: own
version: 1
description: mine
keys: [pin]
detect: [jwt]
samples:
  - name: one
    event: { pin: 1 }
    expect: { pin: "[REDACTED]" }
`;

  test("packs - one by its path is loaded, with the lines of its samples", async () => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, "own.yaml"), whole);
    const pack = await loadPack("./own.yaml", directory);
    expect(pack).toMatchObject({ name: "own", keys: ["pin"], fields: [], name_value: false });
    expect(pack.samples[0]!.line).toBe(7);
  });

  test.each([
    [
      whole.replace("keys:", "kyes:"),
      'own.yaml:4:7: there is no option "kyes" here; did you mean "keys"?',
    ],
    [
      whole.replace("[jwt]", "[bearer, jtw]"),
      'own.yaml:5:18: there is no detector or group "jtw"; did you mean "jwt"?',
    ],
    [whole.replace("[jwt]", "[entropy]"), "own.yaml:5:10: entropy is for reports alone"],
    [whole.replace("version: 1", "version: one"), "own.yaml:2:10: version: "],
    [whole.replace("keys: [pin]", "keys: [pin"), "own.yaml:5:1: "],
    ["", "own.yaml:1:1: "],
  ])("packs - a mistake is shown where it is", async (text, message) => {
    expect(await refused(text)).toContain(message);
  });

  test("packs - a name that no pack has, and a file that is not there", async () => {
    const directory = temporaryDirectory();
    await expect(loadPack("s3_audt", directory)).rejects.toThrow(
      'there is no pack "s3_audt"; did you mean "s3_audit"?',
    );
    await expect(loadPack("./none.yaml", directory)).rejects.toThrow(
      "none.yaml:1:1: the pack cannot be read",
    );
  });
});
