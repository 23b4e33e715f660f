/** What `check` says of a configuration that may come from a fleet. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { explainFleet } from "../../../../src/config/explain/explain-fleet.ts";
import { warningsFor } from "../../../../src/config/explain/warnings.ts";
import { nothing_kept, writeKept } from "../../../../src/config/fleet/kept.ts";
import { sha256Of, signConfiguration } from "../../../../src/config/fleet/signed.ts";
import { readConfig } from "../../../../src/config/load.ts";
import {
  privateKeyOf,
  publicBytesOf,
  verifierKeyText,
} from "../../../../src/proof/format/notes.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";

const private_key = privateKeyOf(Buffer.alloc(32, 7));
const key = { name: "ops", key: publicBytesOf(private_key) };
const pin = verifierKeyText(key);
const time = "2026-11-29T18:05:26.000Z";
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

test.each([
  ["web", "In force: serial 7, signed at 2026-11-29T18:05:26.000Z.", undefined],
  [
    "db",
    "What this agent has taken is of another group: until a configuration of group web is taken, it reads nothing.",
    "is of another group, so nothing is read, not even the inputs of this file, until one of group web is taken",
  ],
])(
  "explain - a fleet: what is kept of group %s, where the file says web",
  async (group, line, warned) => {
    const folder = temporaryDirectory();
    const state_dir = join(folder, "state");
    mkdirSync(state_dir, { mode: 0o700 });
    const note = signConfiguration({ group, serial: 7, time, yaml: inputs }, key, private_key);
    await writeKept(state_dir, { ...nothing_kept, note });
    const file = join(folder, "config.yaml");
    const fleet = `fleet: { servers: ["nats://n1:4222"], group: web, signed_by: ["${pin}"] }\n`;
    writeFileSync(file, `state_dir: ${state_dir}\noutput: { type: stdout }\n${fleet}${inputs}`);
    const config = (await readConfig(file, {})).config!;
    expect(explainFleet(config)[0]!.lines.at(-1)).toBe(line);
    const warnings = await warningsFor(config, new Map());
    const found = warnings.find(({ path }) => path.join(".") === "fleet.group");
    if (warned === undefined) expect(found).toBeUndefined();
    else expect(found!.message).toContain(warned);
  },
);

test("explain - nothing of a fleet where the file has none", async () => {
  const file = join(temporaryDirectory(), "config.yaml");
  writeFileSync(file, `${inputs}output: { type: stdout }\n`);
  expect(explainFleet((await readConfig(file)).config!)).toEqual([]);
});
