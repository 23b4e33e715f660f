/**
 * Where secrets may be: none is written in a configuration for a fleet, and those that hosts give go into options that are secret,
 * and to servers that the host names.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { compileInputs, complaintsOf, usedPlugins } from "../../../src/agent/setup/compile.ts";
import { loadPlugins } from "../../../src/chain/plugins/load-plugins.ts";
import { literalSecretsIn } from "../../../src/config/secret-places.ts";
import { sha256Of } from "../../../src/config/fleet/signed.ts";
import { readConfig } from "../../../src/config/load.ts";
import { describeComplaint } from "../../../src/platform/errors.ts";
import { silentLogger } from "../../../src/platform/log.ts";
import { verifierKeyText } from "../../../src/proof/format/notes.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

const secret = "s3cr3t-0123456789";
const pin = verifierKeyText({ name: "ops", key: Buffer.alloc(32, 7) });

/** What is said of a configuration that is pushed. The agent's own file has secrets, too. */
async function told(yaml: string): Promise<string[]> {
  const folder = temporaryDirectory();
  const file = join(folder, "config.yaml");
  writeFileSync(join(folder, "own.mjs"), plugin(taking));
  const takes = "[inputs, chain, outputs]";
  const own = [
    `fleet: { servers: ["nats://n1:4222"], group: web, signed_by: ["${pin}"], paths: ["/"], takes: ${takes}, secrets_to: ["https://a:1", "http://b"], user: a, password: ${secret} }`,
    `output: { url: "https://splunk:8088", token: ${secret} }`,
    `plugins_dir: ${folder}`,
  ];
  writeFileSync(file, own.join("\n"), { mode: 0o600 });
  const time = "2026-11-29T18:05:26.000Z";
  const over = { group: "web", serial: 7, time, sha256: sha256Of(yaml), yaml, shown: "web.yaml" };
  const { config, complaints } = await readConfig(file, { TOKEN: secret }, over);
  expect(complaints).toEqual([]);
  const plugins = await loadPlugins(folder, { used: usedPlugins(config!) });
  return literalSecretsIn(config!, plugins, "web.yaml").map(describeComplaint);
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
  ["the salt of samples", `chain: [{ sample: { rate: 0.5, salt: "SECRET" } }]\n`],
  ["what a plugin says is secret", `chain: [{ own: { key: "SECRET", other: x }, name: a }]\n`],
  [
    "what is below that, in an input's own chain",
    `inputs:\n  a: { paths: [/a], chain: [{ own: {} }, { own: { key: { list: ["SECRET", true] } } }] }\n`,
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

/** What an agent complains about, with its steps compiled. The file is its own, or one from a fleet beside its own. */
async function agentSays(yaml: string, from: "own" | "fleet", plugin?: string): Promise<string[]> {
  const folder = temporaryDirectory();
  const file = join(folder, "config.yaml");
  writeFileSync(join(folder, "token"), secret);
  const environment = {
    CREDENTIALS_DIRECTORY: folder,
    SITE: "berlin",
    SPLUNK_TOKEN: secret,
    S: secret,
    VIA: `http://a:${secret}@b`,
  };
  const output = "output: { url: 'https://splunk:8088', token: '${env:S}' }\n";
  const plugins = plugin === undefined ? "" : `plugins_dir: ${folder}\n`;
  if (plugin !== undefined) writeFileSync(join(folder, "own.mjs"), plugin);
  const servers = "servers: ['nats://n1:4222']";
  const fleet = `fleet: { ${servers}, group: web, signed_by: ["${pin}"], paths: ["/"] }\n`;
  const own = from === "own" ? plugins + output + yaml : plugins + output + fleet;
  writeFileSync(file, own, { mode: 0o600 });
  const time = "2026-11-29T18:05:26.000Z";
  const over = { group: "web", serial: 7, time, sha256: sha256Of(yaml), yaml, shown: "web.yaml" };
  const given = from === "own" ? undefined : over;
  const { config, complaints: found } = await readConfig(file, environment, given);
  if (config === undefined) return found.map(describeComplaint);
  try {
    const loaded = await loadPlugins(config.plugins_dir, { used: usedPlugins(config) });
    await compileInputs(config, silentLogger, loaded);
    return [];
  } catch (thrown) {
    return complaintsOf(thrown).map(describeComplaint);
  }
}

const input = "inputs:\n  a: { paths: [/a], metadata: { host: h } }\n";
const taking = 'secret_options: ["key"], ';
const plugin = (options: string): string =>
  `export default { name: "own", ${options}create: () => (event) => event };\n`;

describe("what is secret on the host goes into options that are secret", () => {
  const places: [string, string, string][] = [
    ["an input's source", input.replace("host: h", 'source: "x-SECRET"'), "2:"],
    [
      "an input's field, whatever it is called",
      input.replace("host: h", 'fields: { token: "SECRET" }'),
      "2:",
    ],
    ["a field of a step", `${input}chain:\n  - metadata: { fields: { key: "SECRET" } }\n`, "4:"],
    ["a value that is set", `${input}chain:\n  - set: { fields: { a: "SECRET" } }\n`, "4:"],
    ["a condition", `${input}chain:\n  - filter: { drop: "a == 'SECRET'" }\n`, "4:"],
    [
      "the condition of a step",
      `${input}chain:\n  - filter: { drop: "true" }\n    when: "a == 'SECRET'"\n`,
      "5:",
    ],
    ["a replacement", `${input}chain:\n  - redact: { fields: [a], with: "SECRET" }\n`, "4:"],
    ["a list in a secret option", `${input}chain:\n  - redact: { fields: ["SECRET"] }\n`, "4:"],
    [
      "a step of an input's own chain",
      input.replace("metadata: { host: h }", 'chain: [{ metadata: { source: "SECRET" } }]'),
      "2:",
    ],
    ["an option of a plugin that is none", `${input}chain:\n  - own: { token: "SECRET" }\n`, "4:"],
  ];
  const all = places.flatMap(([what, yaml, line]) =>
    (["own", "fleet"] as const).map((from) => [what, from, yaml, line] as const),
  );

  test.each(all)("secret places - not %s, of %s file", async (_what, from, yaml, line) => {
    const text = yaml.replace("SECRET", "${credential:token}");
    const [complaint, ...more] = await agentSays(text, from, plugin(taking));
    const at = from === "own" ? `:${Number(line.slice(0, -1)) + 2}:` : `web.yaml:${line}`;
    expect(complaint).toContain(at);
    expect(complaint).toContain(
      "${credential:token} is secret, and can only be in an option that is",
    );
    expect(complaint).not.toContain(secret);
    expect(more).toEqual([]);
    const site = yaml.replace("SECRET", "${env:SITE}");
    const said = await agentSays(site, from, plugin(taking));
    expect(said.filter((each) => each.includes("is secret"))).toEqual([]);
  });

  test.each(["SPLUNK_TOKEN", "S", "VIA"])(
    "secret places - from a fleet not the variable %s, which holds a secret by its name, its use or its value",
    async (name) => {
      for (const [, yaml] of places) {
        const [complaint] = await agentSays(
          yaml.replace("SECRET", `\${env:${name}}`),
          "fleet",
          plugin(""),
        );
        expect(complaint).toContain(`\${env:${name}} is secret`);
      }
    },
  );

  test.each(["own", "fleet"] as const)(
    "secret places - where they belong, of %s file",
    async (from) => {
      for (const given of ["${credential:token}", "${env:S}"]) {
        const yaml = `inputs:
  a: { type: hec, listen: "127.0.0.1:0", tokens: ["${given}"] }
chain:
  - redact: { fields: [a], action: hash, key: "${given}" }
  - sample: { rate: 0.5, salt: "${given}" }
  - own: { key: "${given}" }
`;
        expect(await agentSays(yaml, from, plugin(taking))).toEqual([]);
      }
    },
  );

  test("secret places - a plugin of the host names the options that take them", async () => {
    const yaml = `${input}chain:\n  - own: { key: "\${credential:token}" }\n`;
    expect((await agentSays(yaml, "own", plugin("")))[0]).toContain("secret_options");
    const wrong = await agentSays(yaml, "own", plugin('secret_options: "key", '));
    expect(wrong[0]).toContain("`secret_options` is not a list of names");
  });
});

test.each([
  ["nats://n1.example.com:4222", 1],
  ["nats://n1:4222", 0],
  ["nats://n1", 0],
])(
  "secret places - a server of a fleet's input, %s, gets secrets if the host names it",
  async (server, count) => {
    const access = `servers: ["nats://n1", "${server}"], user: a, password: "\${credential:token}"`;
    const yaml = `inputs:\n  a: { type: nats, consumer: c, ${access} }\n`;
    const said = await agentSays(yaml, "fleet");
    expect(said).toHaveLength(count);
    if (count > 0)
      expect(said[0]).toMatch(/^web\.yaml:2:.*servers that its own file does not name/);
    expect(await agentSays(yaml, "own")).toEqual([]);
    expect(await agentSays(yaml.replace(/, user.*"/, ""), "fleet")).toEqual([]);
  },
);
