/** What a configuration from a fleet is confined to, whoever has signed it: servers that get secrets of the host. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { sha256Of } from "../../../src/config/fleet/signed.ts";
import { readConfig } from "../../../src/config/load.ts";
import { describeComplaint } from "../../../src/platform/errors.ts";
import { verifierKeyText } from "../../../src/proof/format/notes.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

const secret = "s3cr3t-0123456789";
const pin = verifierKeyText({ name: "ops", key: Buffer.alloc(32, 7) });
const own_output = `output: { url: "https://splunk.example:8088/hec", token: "\${credential:token}" }\n`;

/** What an agent with this file of its own, which takes all, says of a configuration from the fleet. */
async function said(yaml: string, { fleet = "", own = own_output } = {}): Promise<string[]> {
  const folder = temporaryDirectory();
  const file = join(folder, "config.yaml");
  writeFileSync(join(folder, "token"), secret);
  const takes = `takes: [inputs, chain, outputs]`;
  const section = `fleet: { servers: ["tls://n1:4222"], group: web, signed_by: ["${pin}"], ${takes}${fleet} }\n`;
  writeFileSync(file, own + section, { mode: 0o600 });
  const time = "2026-11-29T18:05:26.000Z";
  const over = { group: "web", serial: 7, time, sha256: sha256Of(yaml), yaml, shown: "web.yaml" };
  const environment = {
    CREDENTIALS_DIRECTORY: folder,
    SPLUNK_TOKEN: secret,
    PLACE: "https://other:1",
  };
  const { complaints } = await readConfig(file, environment, over);
  const lines = complaints.map(describeComplaint);
  for (const line of lines) expect(line).not.toContain(secret);
  return lines;
}

const token = 'token: "${credential:token}"';

describe("secrets of the host go to servers that its own file names", () => {
  const strange: [string, string, string][] = [
    ["a url", `output: { url: "https://evil:8088", ${token} }`, "1:16: output.url"],
    ["another port", `output: { url: "https://splunk.example", ${token} }`, "1:16: output.url"],
    [
      "the same without TLS",
      `output: { url: "http://splunk.example:8088", ${token} }`,
      "1:16: output.url",
    ],
    [
      "a url of the host's environment",
      `output: { url: "\${env:PLACE}", ${token} }`,
      "1:16: output.url",
    ],
    [
      "one of several endpoints",
      `output:\n  endpoints: ["https://splunk.example:8088", "https://evil"]\n  ${token}`,
      "2:46: output.endpoints[1]",
    ],
    [
      "one of several outputs",
      `outputs:\n  a: { type: stdout }\n  b: { url: "https://evil", token: "\${env:SPLUNK_TOKEN}" }`,
      "3:13: outputs.b.url",
    ],
    [
      "the server of an output of type nats",
      `output: { type: nats, servers: ["tls://evil"], user: a, password: "\${credential:token}" }`,
      "1:33: output.servers[0]",
    ],
    [
      "the server of an input",
      `inputs: { a: { type: nats, servers: ["tls://evil"], user: a, password: "\${credential:token}" } }`,
      "1:38: inputs.a.servers[0]",
    ],
    [
      "a proxy",
      `output:\n  url: "https://splunk.example:8088"\n  ${token}\n  proxy: "http://evil:3128"`,
      "4:10: output.proxy",
    ],
    [
      "whoever answers",
      `output: { url: "https://splunk.example:8088", ${token}, tls: { verify: false } }`,
      "output.tls.verify",
    ],
    [
      "who has a certificate of another name",
      `output: { url: "https://splunk.example:8088", ${token}, tls: { server_name: evil } }`,
      "output.tls.server_name",
    ],
  ];

  test.each(strange)("confinement - not %s", async (_what, yaml, place) => {
    const [line, ...more] = await said(`${yaml}\n`);
    expect(line).toMatch(/^web\.yaml:/);
    expect(line).toContain(place);
    expect(line).toMatch(/that its own file does not name; name|than its own file names; remove/);
    expect(more).toEqual([]);
    const own_secret = yaml.replace(/\$\{(credential:token|env:SPLUNK_TOKEN)\}/, "their-own-token");
    expect(await said(`${own_secret}\n`)).toEqual([]);
  });

  test.each([
    ["that of its own output", "", `output: { url: "https://SPLUNK.example:8088/x", ${token} }`],
    [
      "those in secrets_to",
      ', secrets_to: ["https://evil", "http://proxy:3128/", "tls://n9"]',
      `outputs:
  a: { url: "https://evil:443/hec", ${token}, proxy: "http://proxy:3128" }
  b: { type: nats, servers: ["tls://n9:4222", "tls://n1"], user: a, password: "\${env:SPLUNK_TOKEN}" }`,
    ],
  ])("confinement - but %s", async (_what, fleet, yaml) => {
    expect(await said(`${yaml}\n`, { fleet })).toEqual([]);
  });

  test("confinement - options of TLS that its own file has", async () => {
    const tls = "tls: { verify: false, server_name: other }";
    const own = own_output.replace(" }", `, ${tls} }`);
    const yaml = `output: { url: "https://splunk.example:8088", ${token}, ${tls} }\n`;
    expect(await said(yaml, { own })).toEqual([]);
    expect(await said(yaml)).toHaveLength(2);
  });

  test("confinement - its own file sends where it wants to", async () => {
    const own = `outputs:\n  a: { url: "https://a", ${token}, proxy: "http://p:1", tls: { verify: false } }\n`;
    expect(await said("inputs: { a: { paths: [/var/log/a] } }\n", { own })).toEqual([]);
  });

  test("confinement - a server in secrets_to is one", async () => {
    const [line] = await said("inputs: {}\n", { fleet: ", secrets_to: [splunk]" });
    expect(line).toMatch(/fleet\.secrets_to\[0\]: expected the URL of a server/);
  });
});
