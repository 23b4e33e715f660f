/** What a configuration from a fleet is confined to, whoever has signed it: servers that get secrets of the host, and paths. */
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { compileInputs, complaintsOf, usedPlugins } from "../../../src/agent/setup/compile.ts";
import { loadPlugins } from "../../../src/chain/plugins/load-plugins.ts";
import { sha256Of } from "../../../src/config/fleet/signed.ts";
import { readConfig } from "../../../src/config/load.ts";
import { describeComplaint } from "../../../src/platform/errors.ts";
import { silentLogger } from "../../../src/platform/log.ts";
import { verifierKeyText } from "../../../src/proof/format/notes.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

const secret = "s3cr3t-0123456789";
const pin = verifierKeyText({ name: "ops", key: Buffer.alloc(32, 7) });
const own_output = `output: { url: "https://splunk.example:8088/hec", token: "\${credential:token}" }\n`;

interface Own {
  /** More options of its section `fleet`. */
  fleet?: string;
  own?: string;
  folder?: string;
}

/** What an agent with this file of its own, which takes all, says of a configuration from the fleet. */
async function said(
  yaml: string,
  { fleet = "", own = own_output, folder = temporaryDirectory() }: Own = {},
): Promise<string[]> {
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
  const { config, complaints } = await readConfig(file, environment, over);
  const lines = complaints.map(describeComplaint);
  if (config !== undefined) {
    try {
      const plugins = await loadPlugins(config.plugins_dir, { used: usedPlugins(config) });
      const inputs = await compileInputs(config, silentLogger, plugins);
      for (const { chain } of inputs) await chain.dispose();
    } catch (thrown) {
      lines.push(...complaintsOf(thrown).map(describeComplaint));
    }
  }
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

const stray = "is not in a directory that this host allows for what a fleet's configuration names";

describe("what comes from a fleet names files where its own file allows it", () => {
  const journal = "user: a, password: b";
  const places: [string, string, string][] = [
    ["a file to follow", "inputs: { a: { paths: [/etc/shadow] } }", "1:24: inputs.a.paths[0]"],
    ["a glob", 'inputs: { a: { paths: ["/var/log/a", "/e*/shadow"] } }', "inputs.a.paths[1]"],
    [
      "a part of a glob",
      'inputs: { a: { paths: ["/{var/log,etc}/shadow"] } }',
      "inputs.a.paths[0]",
    ],
    ["a glob above", 'inputs: { a: { paths: ["/var/**/shadow"] } }', "inputs.a.paths[0]"],
    [
      "a directory with a longer name",
      "inputs: { a: { paths: [/var/logs/a] } }",
      "inputs.a.paths[0]",
    ],
    ["a relative path", "inputs: { a: { paths: [own.log] } }", "inputs.a.paths[0]"],
    [
      "all links",
      "inputs: { a: { paths: [/var/log/a], follow_links: always } }",
      "inputs.a.follow_links",
    ],
    ["a socket", "inputs: { a: { type: socket, path: /srv/a.sock } }", "inputs.a.path"],
    [
      "a socket for HTTP",
      'inputs: { a: { type: hec, listen: "unix:/srv/a.sock", tokens: [abcdefgh] } }',
      "inputs.a.listen",
    ],
    [
      "a certificate of an input",
      'inputs: { a: { type: hec, listen: ":8088", tokens: [abcdefgh], tls: { cert: /var/log/c, key: /etc/k } } }',
      "inputs.a.tls.key",
    ],
    [
      "an authority of an input",
      `inputs: { a: { type: nats, servers: ["tls://n1"], ${journal}, tls: { ca_file: /etc/ca.pem } } }`,
      "inputs.a.tls.ca_file",
    ],
    ["an archive", "output: { type: file, path: /etc/cron.d/x }", "output.path"],
    ["an archive above", "output: { type: file, path: /var/log/../../etc/x }", "output.path"],
    [
      "a key of an output",
      'outputs: { a: { url: "https://a", token: abcdefgh, tls: { cert_file: /var/log/c, key_file: /etc/k } } }',
      "outputs.a.tls.key_file",
    ],
    [
      "an authority of an output of type nats",
      `output: { type: nats, servers: ["tls://n1"], ${journal}, tls: { ca_file: /etc/ca.pem } }`,
      "output.tls.ca_file",
    ],
    [
      "a list",
      "chain: [{ filter: { drop: 'a in file(\"/etc/shadow\")' } }]",
      "chain[0].filter.drop",
    ],
    [
      "networks",
      "chain: [{ filter: { drop: 'ip_in(a, file(\"/etc/shadow\"))' } }]",
      "chain[0].filter.drop",
    ],
    [
      "a list of a condition",
      "chain: [{ filter: { drop: 'true' }, when: 'a in file(\"/etc/shadow\")' }]",
      "chain[0].when",
    ],
    ["a pack", "chain: [{ redact: { pack: [/etc/shadow] } }]", "chain[0].redact.pack[0]"],
    ["a table", "chain: [{ own: { file: /etc/owners.yaml } }]", "chain[0].own.file"],
    [
      "a table of an isolated step",
      "chain: [{ own: { file: /etc/owners.yaml }, isolate: { timeout: 5s } }]",
      "chain[0].own",
    ],
    [
      "a list of an input's own chain",
      "inputs: { a: { paths: [/var/log/a], chain: [{ filter: { drop: 'a in file(\"/etc/shadow\")' } }] } }",
      "inputs.a.chain[0].filter.drop",
    ],
  ];
  const table = `export default { name: "own", async create({ file }, context) {
    await context.lookup(file);
    return (event) => event;
  } };\n`;

  /** An agent with a plugin, and with an input of its own so that its chain is compiled. */
  function withPlugin(): { folder: string; own: string } {
    const folder = temporaryDirectory();
    const plugins = join(folder, "plugins");
    mkdirSync(plugins, { mode: 0o755 });
    writeFileSync(join(plugins, "own.mjs"), table, { mode: 0o644 });
    const inputs = "inputs: { own: { paths: [/srv/own.log], follow_links: always } }\n";
    return { folder, own: `${own_output}plugins_dir: ${plugins}\n${inputs}` };
  }

  test.each(places)("confinement - not %s", async (_what, yaml, place) => {
    const lines = await said(`${yaml}\n`, withPlugin());
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^web\.yaml:1:/);
    expect(lines[0]).toContain(place);
    if (!place.endsWith("follow_links"))
      expect(lines[0]).toContain(`${stray}: /var/log, /run/tallyman; move it there, or add`);
    expect(lines[0]).toContain("fleet.paths");
    const anywhere = await said(`${yaml}\n`, { ...withPlugin(), fleet: ', paths: ["/"]' });
    for (const line of anywhere) expect(line).not.toContain("fleet.paths");
  });

  test("confinement - what is there, and nothing that a link leads to elsewhere", async () => {
    const { folder, own } = withPlugin();
    const allowed = join(folder, "allowed");
    mkdirSync(allowed);
    for (const directory of [folder, allowed])
      for (const [name, text] of [
        ["list", "one\ntwo\n"],
        ["table.yaml", "a: 1\n"],
        [
          "pack.yaml",
          "name: mine\nversion: 1\ndescription: x\nfields: [secret]\nsamples: [{ name: a, event: { secret: 1 }, expect: { secret: '[REDACTED]' } }]\n",
        ],
      ] as const)
        writeFileSync(join(directory, name), text);
    const yaml = (list: string, tables: string, pack: string): string => `inputs:
  a: { paths: ["${allowed}/*/a*.log"] }
chain:
  - filter: { drop: 'a in file("${list}")' }
  - own: { file: "${tables}" }
  - own: { file: "${tables}" }
    isolate: { timeout: 5s }
  - redact: { pack: ["${pack}"] }
`;
    const there = ["list", "table.yaml", "pack.yaml"].map((name) => join(allowed, name));
    const given = { folder, own, fleet: `, paths: ["${allowed}/"]` };
    expect(await said(yaml(there[0]!, there[1]!, there[2]!), given)).toEqual([]);
    for (const name of ["list", "table.yaml", "pack.yaml"])
      symlinkSync(join(folder, name), join(allowed, `linked-${name}`));
    const linked = there.map((path) => path.replace("allowed/", "allowed/linked-"));
    const lines = await said(yaml(linked[0]!, linked[1]!, linked[2]!), given);
    expect(lines).toHaveLength(4);
    for (const line of lines) expect(line).toContain(stray);
  });

  test("confinement - paths that its own file names itself, and all that is in its own sections", async () => {
    const own = `${own_output}inputs: { own: { paths: [/srv/*.log, own.log], follow_links: always } }
chain: [{ redact: { fields: [a] } }]
`;
    const section = ", tls: { ca_file: ca.pem }";
    const folder = temporaryDirectory();
    const tls = `tls: { ca_file: ${join(folder, "ca.pem")} }`;
    const yaml = `inputs:
  a: { paths: [/srv/*.log, own.log] }
  b: { type: nats, servers: ["tls://n1"], user: a, password: b, ${tls} }
`;
    expect(await said(yaml, { folder, own, fleet: section })).toEqual([]);
    expect(await said("chain: []\n", { own })).toEqual([]);
  });

  test("confinement - events in tests and conditions of its own file name nothing", async () => {
    const own = `${own_output}x-a: { url: "https://evil", path: /etc/shadow }
chain: [{ own: { paths: [/etc/shadow], url: "https://evil" } }]
tests: [{ name: t, input: a, event: { path: /etc/shadow, url: "https://evil" }, expect: { fate: dropped, step: a } }]
`;
    const yaml = `inputs: { a: { paths: [/etc/shadow] } }
chain: []
output: { url: "https://evil", ${token} }
`;
    const lines = await said(yaml, { own });
    expect(lines.map((line) => line.split(":").slice(1, 4).join(":"))).toEqual([
      "1:24: inputs.a.paths[0]",
      "3:16: output.url",
    ]);
  });

  test("confinement - a directory in paths is an absolute path", async () => {
    for (const path of ["logs", "/var/log/../../etc"]) {
      const [line] = await said("chain: []\n", { fleet: `, paths: ["${path}"]` });
      expect(line).toMatch(/fleet\.paths\[0\]: expected the absolute path of a directory/);
    }
  });
});
