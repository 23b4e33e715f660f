/** What `check` says of a configuration that may come from a fleet. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { explainFleet } from "../../../../src/config/explain/explain-fleet.ts";
import { sha256Of } from "../../../../src/config/fleet/signed.ts";
import { readConfig } from "../../../../src/config/load.ts";
import { verifierKeyText } from "../../../../src/proof/format/notes.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";

const pin = verifierKeyText({ name: "ops", key: Buffer.alloc(32, 7) });
const inputs = "inputs: { own: { paths: [/own] } }\n";

interface Given {
  readonly more?: string;
  readonly text?: string;
  readonly yaml?: string;
}

async function explained({ more = "", text = "", yaml }: Given = {}): Promise<string[]> {
  const folder = temporaryDirectory();
  const file = join(folder, "config.yaml");
  const fleet = `fleet: { servers: ["nats://n1:4222"], agent: web-1, group: web, signed_by: ["${pin}"], paths: ["/"]${more} }\n`;
  writeFileSync(file, `state_dir: ${folder}/state\noutput: { type: stdout }\n${fleet}${text}`);
  const time = "2026-11-29T18:05:26.000Z";
  const pushed =
    yaml === undefined
      ? undefined
      : { group: "web", serial: 7, time, sha256: sha256Of(yaml), yaml, shown: "web.yaml" };
  const { config, complaints } = await readConfig(file, {}, pushed);
  expect(complaints).toEqual([]);
  return explainFleet(config!).flatMap(({ title, lines }) => [title, ...lines]);
}

test("explain - a fleet: where a configuration comes from, and who has to sign it", async () => {
  expect(await explained()).toEqual([
    "Fleet: group web",
    "Agent web-1 takes inputs and chain from bucket TALLY_CONFIG at nats://n1:4222.",
    "A configuration is taken only if it is signed by ops.",
    "This file has no inputs: until a configuration is taken, the agent reads nothing.",
  ]);
  const [, takes, signed, force] = await explained({
    more: ", takes: [inputs, chain, outputs], serial_min: 5, bucket: OTHER",
    text: inputs,
  });
  expect(takes).toContain("takes inputs, chain and outputs from bucket OTHER_CONFIG");
  expect(signed).toContain("signed by ops and has the serial 5 or higher.");
  expect(force).toBe("Until one is taken, this file's own sections are in force.");
});

test("explain - a fleet: what is in force", async () => {
  expect((await explained({ yaml: inputs })).at(-1)).toBe(
    "In force: serial 7, signed at 2026-11-29T18:05:26.000Z.",
  );
});

test("explain - nothing of a fleet where the file has none", async () => {
  const file = join(temporaryDirectory(), "config.yaml");
  writeFileSync(file, `${inputs}output: { type: stdout }\n`);
  expect(explainFleet((await readConfig(file)).config!)).toEqual([]);
});
