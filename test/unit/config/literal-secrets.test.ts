/** Secrets that stand in a configuration for a fleet are found, wherever they are; those that hosts give are none. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { literalSecretsIn } from "../../../src/config/literal-secrets.ts";
import { sha256Of } from "../../../src/config/fleet/signed.ts";
import { readConfig } from "../../../src/config/load.ts";
import { describeComplaint } from "../../../src/platform/errors.ts";
import { verifierKeyText } from "../../../src/proof/format/notes.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

const secret = "s3cr3t-0123456789";
const pin = verifierKeyText({ name: "ops", key: Buffer.alloc(32, 7) });

/** What is said of a configuration that is pushed. The agent's own file has secrets, too. */
async function told(yaml: string): Promise<string[]> {
  const file = join(temporaryDirectory(), "config.yaml");
  const takes = "[inputs, chain, outputs]";
  const own = [
    `fleet: { servers: ["nats://n1:4222"], group: web, signed_by: ["${pin}"], takes: ${takes}, user: a, password: ${secret} }`,
    `output: { url: "https://splunk:8088", token: ${secret} }`,
  ];
  writeFileSync(file, own.join("\n"), { mode: 0o600 });
  const time = "2026-11-29T18:05:26.000Z";
  const over = { group: "web", serial: 7, time, sha256: sha256Of(yaml), yaml, shown: "web.yaml" };
  const { config, complaints } = await readConfig(file, { TOKEN: secret }, over);
  expect(complaints).toEqual([]);
  return literalSecretsIn(config!, "web.yaml").map(describeComplaint);
}

test.each([
  [
    "a token that senders give",
    `inputs:\n  a: { type: hec, listen: "127.0.0.1:0", tokens: ["SECRET"] }\n`,
  ],
  ["the token of an output", `output:\n  url: https://splunk:8088\n  token: "SECRET"\n`],
  ["one of several outputs", `outputs:\n  a: { url: "https://splunk:8088", token: "SECRET" }\n`],
  [
    "a proxy",
    `output: { url: "https://a:1", token: "\${env:TOKEN}", proxy: "http://a:SECRET@b" }\n`,
  ],
  ["the key of hashes", `chain: [{ redact: { fields: [a], action: hash, key: "SECRET" } }]\n`],
  [
    "the key of hashes in an input's own chain",
    `inputs:\n  a: { paths: [/a], chain: [{ redact: { fields: [a], action: hash, key: "SECRET" } }] }\n`,
  ],
])("literal secrets - %s", async (_what, yaml) => {
  const [complaint, ...more] = await told(yaml.replace("SECRET", secret));
  expect(complaint).toMatch(
    /^web\.yaml:\d+:\d+: .*is a secret, and everybody in the group may read/,
  );
  expect(complaint).not.toContain(secret);
  expect(more).toEqual([]);
  expect(await told(yaml.replace("SECRET", "${env:TOKEN}"))).toEqual([]);
});
