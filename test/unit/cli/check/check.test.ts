/**
 * `tallyman check` as a user sees it: what it prints, where, and its exit status.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, linkSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { tallyman, type Ended } from "../../../support/command-line.ts";
import { writeConfiguration } from "../../../support/configuration.ts";
import { makeKeys } from "../../../support/proof/auditing.ts";
import { long, sampledCases } from "../../../support/effort.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";
import { main } from "../../../support/program.ts";

const secret = "s3cr3t-0123456789-abcdef";

function check(file: string, more: string[] = []): Promise<Ended> {
  return tallyman(["check", "-c", file, ...more], { SECRET: secret });
}

const redact = '  - redact: { fields: ["**.Authorization"], with: "${env:SECRET}" }\n';

function configuration({ chain = redact, more = "" } = {}): string {
  return `state_dir: state
inputs:
  s3_audit:
    paths: ["logs/*.log"]
    metadata: { index: s3_audit }
chain:
${chain}output:
  url: https://splunk.example.com:8088
  token: \${env:SECRET}
${more}`;
}

/** The file, with a log that its input matches. */
function writeWithLog(text: string): string {
  const file = writeConfiguration(text);
  mkdirSync(join(dirname(file), "logs"));
  const [start, end] = ['{"Authorization":"', '"}\n'];
  const content = start + "x".repeat(2048 - start.length - end.length) + end;
  writeFileSync(join(dirname(file), "logs", "audit.log"), content);
  return file;
}

test(
  "check - a process of its own says the same, and ends with the same status",
  long,
  async () => {
    const cases = [
      ["lgo: 1\n", 1],
      ["", 0],
    ] as const;
    for (const [more, status] of sampledCases(cases, 2)) {
      const file = writeWithLog(configuration({ more }));
      const run = spawnSync(process.execPath, [main, "check", "-c", file], {
        encoding: "utf8",
        env: { ...process.env, SECRET: secret },
      });
      expect({ status: run.status, out: run.stdout, err: run.stderr }).toEqual(await check(file));
      expect(run.status).toBe(status);
    }
  },
);

describe("conditions", () => {
  test("check - refuses a key that reads as a subtraction, with line, column and what to write", async () => {
    const chain = `  - filter: { keep: 'requestHeader.User-Agent == "aws-sdk"' }\n`;
    const file = writeWithLog(configuration({ chain }));
    const { status, err } = await check(file);
    expect(status).toBe(1);
    expect(err).toContain(`${file}:7:21: chain[0].filter.keep: `);
    expect(err).toContain("at character 15");
    expect(err).toContain('is written requestHeader["User-Agent"]');
  });

  test("check - warns once where a condition may mean something else, and so does the start", async () => {
    const chain = `  - filter: { drop: 'event.action == "x"' }\n    when: has(event.outcome)\n${redact}`;
    const { status, out, err } = await check(writeWithLog(configuration({ chain })));
    expect({ status, err }).toEqual({ status: 0, err: "" });
    expect(out).toMatch(/:7:21: chain\[0\]\.filter\.drop: .*event\.event\.action\n/);
    expect(out).toMatch(/:8:11: chain\[0\]\.when: .*event\.event\.outcome\n/);
    expect(out.split("event.event.action")).toHaveLength(2);
  });
});

test.each(["detect: [credentials]", "pack: [http_headers]", 'keys: ["*passw*"]'])(
  "check - takes an hec input whose redact step has no fields, but %s",
  async (rule) => {
    const apps = `  apps: { type: hec, listen: "127.0.0.1:18999", tokens: ["\${env:SECRET}"] }\n`;
    const text = configuration({ chain: `  - redact: { ${rule} }\n` });
    const file = writeWithLog(text.replace("chain:\n", `${apps}chain:\n`));
    const { status, out, err } = await check(file);
    expect({ status, err }).toEqual({ status: 0, err: "" });
    expect(out).toContain(`${file} is valid`);
  },
);

describe("the way to Splunk", () => {
  test("check - says the proxy without its password, and warns of verify: false", async () => {
    const more = `  proxy: http://joe:\${env:SECRET}@proxy.example.com:3128\n  tls: { verify: false }\n`;
    const { status, out, err } = await check(writeWithLog(configuration({ more })));
    expect({ status, err }).toEqual({ status: 0, err: "" });
    expect(out).toContain("through the proxy http://proxy.example.com:3128 (output.proxy)");
    expect(out).toContain("certificates are NOT verified");
    expect(out).toMatch(
      /Warnings[^]*output\.tls\.verify: the server is not verified: whoever answers/,
    );
    expect(out).not.toContain(secret);
  });

  test("check - tells what is wrong with TLS files together with all else, and exits with 1", async () => {
    const more = "  tls: { ca_file: none.pem }\n";
    const chain = "  - filter: { drop: 'a ==' }\n";
    const { status, err } = await check(writeWithLog(configuration({ chain, more })));
    expect(status).toBe(1);
    expect(err).toMatch(/:\d+:\d+: output\.tls\.ca_file: the file .*none\.pem does not exist/);
    expect(err).toContain("chain[0]");
  });
});

describe("what is not followed", () => {
  test("check - says of pipes, directories and tallyman's own files that they are not followed, and why", async () => {
    const text = `state_dir: state
inputs:
  a: { paths: ["a.fifo", "a.dir", "**/*", "secret.txt"] }
chain:
${redact}output: { url: "https://splunk.example.com:8088", token: "\${file:secret.txt}" }
`;
    const file = writeConfiguration(text);
    const folder = dirname(file);
    execFileSync("mkfifo", [join(folder, "a.fifo")]);
    mkdirSync(join(folder, "a.dir"));
    mkdirSync(join(folder, "state"));
    writeFileSync(join(folder, "state", "state.json"), "{}");
    writeFileSync(join(folder, "secret.txt"), secret);
    const { status, out, err } = await check(file);
    expect({ status, err }).toEqual({ status: 0, err: "" });
    const warnings = out.slice(out.indexOf("Warnings"));
    expect(warnings).toContain(
      `${folder}/a.fifo is a named pipe: not followed; use type socket or stdin`,
    );
    expect(warnings).toContain(`${folder}/a.dir is a directory: write ${folder}/a.dir/*`);
    expect(warnings).toContain(
      `inputs.a.paths[2]: covers state_dir, ${folder}/state: tallyman's own files there are never followed`,
    );
    expect(warnings).toMatch(/secret\.txt is tallyman's own \(a file that its configuration/);
    expect(warnings).not.toContain("matches no file");
    expect(out).not.toContain("state.json");
  });
});

describe("a valid configuration", () => {
  test("check - says what it means, in order, and exits with 0", async () => {
    const chain = `  - filter: { drop: 'api.name == "HeadObject"' }
    name: no_heads
    when: 'api.statusCode == 200'
    on_error: drop
${redact}`;
    const file = writeWithLog(configuration({ chain }));
    const { status, out, err } = await check(file);
    expect({ status, err }).toEqual({ status: 0, err: "" });
    const folder = dirname(file);
    const said = [
      `${file} is valid`,
      `Input s3_audit: follows files`,
      `${folder}/logs/*.log: matches one file now, 2.0 KiB`,
      `${folder}/logs/audit.log (2.0 KiB)`,
      `index s3_audit`,
      `1. no_heads (filter): Filters out events`,
      `drop: "api.name == \\"HeadObject\\""`,
      `Only where "api.statusCode == 200"`,
      `the event is dropped and counted, and never shipped`,
      `2. redact: Takes secrets out`,
      `fields: ["**.Authorization"]`,
      `with: "***"`,
      `kept in quarantine`,
      `https://splunk.example.com:8088, event mode, not compressed; token ***`,
      `Batches hold up to 1MiB and wait at most 200ms; up to 4 requests at a time, timeout 10s.`,
      `kept in ${folder}/state`,
      `up to 30s`,
    ];
    const places = said.map((words) => out.indexOf(words));
    expect(said.filter((_, number) => places[number] === -1)).toEqual([]);
    expect(places).toEqual(places.toSorted((one, other) => one - other));
    expect(out).not.toContain("Warnings");
    expect(out).not.toContain(secret);
  });

  test("check - as JSON has the same without secrets", async () => {
    const { status, out } = await check(writeWithLog(configuration()), ["--json"]);
    const result = JSON.parse(out) as Record<string, unknown>;
    expect(status).toBe(0);
    expect(result).toMatchObject({ valid: true, complaints: [], warnings: [] });
    expect(result["config"]).toMatchObject({ output: { token: "***" }, shutdown_timeout: 30_000 });
    expect(out).not.toContain(secret);
  });

  test("check - a drop-in plugin is loaded and described", async () => {
    const file = writeWithLog(
      configuration({ chain: `${redact}  - tag: { value: 1 }\n`, more: "plugins_dir: plugins\n" }),
    );
    const plugins = join(dirname(file), "plugins");
    mkdirSync(plugins, { mode: 0o755 });
    writeFileSync(
      join(plugins, "tag.mjs"),
      `export default { name: "tag", description: "Tags events.", create: () => (event) => event };`,
      { mode: 0o644 },
    );
    const { status, out } = await check(file);
    expect(status).toBe(0);
    expect(out).toContain("2. tag: Tags events.");
  });

  test.each(["", `description: " ", `, "description: 5, "])(
    "check - a plugin without a description (%j) is shown by its name alone",
    async (description) => {
      const more = "plugins_dir: plugins\n";
      const file = writeWithLog(configuration({ chain: `${redact}  - tag: { value: 1 }\n`, more }));
      const plugins = join(dirname(file), "plugins");
      mkdirSync(plugins, { mode: 0o755 });
      writeFileSync(
        join(plugins, "tag.mjs"),
        `export default { name: "tag", ${description}create: () => (event) => event };`,
        { mode: 0o644 },
      );
      const { status, out } = await check(file);
      expect(status).toBe(0);
      expect(out).toContain("\n  2. tag\n");
      expect(out).not.toMatch(/ $/m);
    },
  );

  test("check - says what each of several outputs gets, and which gets nothing", async () => {
    const text = `state_dir: state
inputs: { s3_audit: { paths: ["logs/*.log"] } }
chain:
${redact}  - route: { to: archive }
outputs:
  splunk: { url: "https://splunk.example.com:8088", token: "\${env:SECRET}" }
  archive: { type: file, path: out/archive.jsonl, keep: 3 }
  screen: { type: stdout }
`;
    const file = writeWithLog(text);
    const { status, out, err } = await check(file);
    expect({ status, err }).toEqual({ status: 0, err: "" });
    const said = [
      "Output splunk: Splunk's HTTP Event Collector",
      "Gets every event that no step has routed.",
      "up to 1GiB wait on disk while the output accepts nothing; beyond that, the input waits.",
      "Output archive: an archive of JSON lines",
      `${dirname(file)}/out/archive.jsonl, mode 0600`,
      "the newest 3 are kept, and older ones are removed",
      "Output screen: standard output",
      "Warnings",
      "9:3: outputs.screen: no step routes to this output, so it gets nothing",
    ];
    let from = 0;
    for (const sentence of said) {
      expect(out.indexOf(sentence, from), sentence).toBeGreaterThanOrEqual(0);
      from = out.indexOf(sentence, from);
    }
    expect(out).not.toContain(secret);
  });
});

test("check - warns of an archive that cannot be written", async () => {
  const more = "outputs: { archive: { type: file, path: config.yaml/archive.jsonl } }\n";
  const file = writeWithLog(configuration().replace(/output:[\s\S]*/, more));
  const { status, out } = await check(file);
  expect(status).toBe(0);
  expect(out).toContain(
    `outputs.archive.path: the user who runs this check has no permission to write ${file}`,
  );
});

test("check - a file's name cannot write escape sequences to the terminal", async () => {
  const file = writeWithLog(configuration());
  writeFileSync(join(dirname(file), "logs", "\u001b[31mred\n.log"), "");
  const { out } = await check(file);
  expect(out).toContain(String.raw`\x1b[31mred\x0a.log (0 B)`);
  expect(out).not.toContain("\u001b");
});

describe("framings", () => {
  test.each([
    ['[{"a":1}]', "begins like JSON that is not one record a line", '{ json: { records: "." } }'],
    ['{\n  "a": 1\n}\n', "begins like JSON that is not one record a line", "json"],
    ['7 {"a":1}7 {"b":2}', "has the length of each record before it", "octet_counted"],
    ['{"a":1}\0{"b":2}\0', "has records that end with NUL", '{ lines: { separator: "\\0" } }'],
  ])(
    "check - says of a file with %j which framing fits, as a line to copy",
    async (text, seen, framing) => {
      const file = writeWithLog(configuration());
      const path = join(dirname(file), "logs", "audit.log");
      writeFileSync(path, text);
      const { status, out } = await check(file);
      expect(status).toBe(0);
      const said = `4:13: inputs.s3_audit.paths[0]: ${path} ${seen}. Write \`framing: ${framing}\` for the input.`;
      expect(out).toContain(said);
      // What it says can be written, and then it has nothing to say.
      writeFileSync(
        file,
        configuration().replace("    metadata", `    framing: ${framing}\n    metadata`),
      );
      const then = await check(file);
      expect(then.status).toBe(0);
      expect(then.out).not.toContain("Write `framing");
    },
  );

  test("check - says of lines with text before their JSON that steps find nothing in it", async () => {
    const file = writeWithLog(configuration());
    const path = join(dirname(file), "logs", "audit.log");
    writeFileSync(path, '<134>Nov 28 12:00:00 host app: {"Authorization":"x"}\n');
    const { out } = await check(file);
    expect(out).toContain(`${path} has text before the JSON in each line`);
    expect(out).toContain("Write `framing: syslog`");
  });
});

describe("warnings", () => {
  test.each([
    ["a glob that matches nothing", {}, "4:13: inputs.s3_audit.paths[0]: matches no file now"],
    [
      "a chain without redaction",
      { chain: "  []\n" },
      "6:1: chain: no redact step: credentials in events will be shipped as they are",
    ],
  ])("check - warns of %s, and exits with 0 all the same", async (_what, change, warning) => {
    const file = writeConfiguration(configuration(change));
    const { status, out } = await check(file);
    expect(status).toBe(0);
    expect(out.slice(out.indexOf("Warnings"))).toContain(`${file}:${warning}`);
  });

  test("check - warns of a file that two inputs ship, of http, and of a token that all can read", async () => {
    const text = configuration()
      .replace("https:", "http:")
      .replace("token: ${env:SECRET}", "token: abcdef")
      .replace("chain:", "  twice: { paths: [logs/audit.log] }\nchain:");
    const file = writeWithLog(text);
    chmodSync(file, 0o644);
    const warnings = JSON.parse((await check(file, ["--json"])).out) as {
      warnings: { message: string }[];
    };
    expect(warnings.warnings.map(({ message }) => message)).toEqual([
      expect.stringMatching(
        /^inputs\.twice\.paths\[0\]: .*audit\.log also belongs to input s3_audit/,
      ),
      expect.stringMatching(/^output\.url: http:\/\/ sends the token and all events unencrypted/),
      expect.stringMatching(/^output\.token: the token is in a file that every user can read/),
    ]);
  });
});

test("check - says what a receiver answers, and warns of its tokens that all can read", async () => {
  const receiver =
    '  web: { type: hec, listen: ":8088", tokens: ["${env:SECRET}", abcdef] }\nchain:';
  const file = writeWithLog(configuration().replace("chain:", receiver));
  chmodSync(file, 0o644);
  const { out } = await check(file);
  expect(out).toContain("inputs.web.tokens[1]: the token is in a file that every user can read");
  expect(out).not.toContain("inputs.web.tokens[0]");
  expect(out).not.toContain("output.token: the token");
  expect(out).toContain("when it is full, senders get 503.");
});

test("check - warns of exact paths alone where senders over HTTP decide what stands around an event", async () => {
  const receiver = "  web: { type: hec, listen: ':8088', tokens: ['${env:SECRET}'] }\nchain:";
  const warning =
    "chain[0].redact.fields[0]: finds its value at the top level of what web receives";
  const exact = "  - redact: { fields: [a.b] }\n  - redact: { fields: [c] }\n";
  for (const [chain, is_warned] of [
    [exact, true],
    [`${exact}${redact}`, false],
  ] as const) {
    const { status, out } = await check(
      writeWithLog(configuration({ chain }).replace("chain:", receiver)),
    );
    expect(status).toBe(0);
    expect(out.includes(warning)).toBe(is_warned);
  }
  expect((await check(writeWithLog(configuration({ chain: exact })))).out).not.toContain(
    "at the top level of",
  );
});

test.each([
  ["$.requestHeader.Authorization", "requestHeader.Authorization"],
  ["/requestHeader/Authorization", "requestHeader.Authorization"],
])(
  "check - refuses the path %s at its place, and says how it is written",
  async (path, spelling) => {
    const chain = `  - redact: { fields: ["${path}"] }\n`;
    const { status, err } = await check(writeWithLog(configuration({ chain })));
    expect(status).toBe(1);
    expect(err).toMatch(
      /config\.yaml:7:\d+: chain\[0\]\.redact\.fields\[0\]: this path is wrong: a path does not begin/,
    );
    expect(err).toContain(`write ${spelling} (`);
    const timed = configuration().replace("metadata:", `time: ["${path}"]\n    metadata:`);
    const refused = await check(writeWithLog(timed));
    expect(refused.err).toContain(`write ${spelling} (`);
  },
);

test("check - says what raw mode leaves out", async () => {
  const text = configuration({ more: "  mode: raw\n" });
  const { out } = await check(
    writeWithLog(
      text.replace("s3_audit }", "s3_audit, fields: { site: b }, fields_from_path: '(?<a>b)' }"),
    ),
  );
  expect(out).toContain("raw mode");
  expect(out).toContain("Splunk reads their time from their text.");
  expect(out).toMatch(/config\.yaml:5:\d+: inputs\.s3_audit\.metadata\.fields: .*not sent/);
  expect(out).toMatch(/: inputs\.s3_audit\.metadata\.fields_from_path: .*not sent/);
  expect(out).not.toContain("cut and marked");
});

describe("a mistaken configuration", () => {
  test("check - tells every mistake with its place, those of the steps too, and exits with 1", async () => {
    const file = writeConfiguration(
      configuration({
        chain: `  - redcat: {}\n  - redact: { fields: [a], wiht: x }\n`,
        more: "lgo: 1\n",
      }),
    );
    const { status, out, err } = await check(file);
    expect({ status, out }).toEqual({ status: 1, out: "" });
    expect(err.split("\n")).toEqual([
      `${file}:7:5: chain[0].redcat: there is no plugin "redcat"; did you mean "redact"?`,
      "    7 |   - redcat: {}",
      "      |     ^^^^^^",
      `${file}:8:28: chain[1].redact.wiht: unknown option; did you mean "with"?`,
      "    8 |   - redact: { fields: [a], wiht: x }",
      "      |                            ^^^^",
      `${file}:12:1: lgo: unknown option; did you mean "log"?`,
      "   12 | lgo: 1",
      "      | ^^^",
      `tallyman: ${file} has 3 errors.`,
      "",
    ]);
  });

  test("check - as JSON has the complaints, and exits with 1", async () => {
    const file = writeConfiguration(configuration({ more: "lgo: 1\n" }));
    const { status, out } = await check(file, ["--json"]);
    expect(status).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      valid: false,
      complaints: [{ file, line: 11, column: 1, path: ["lgo"] }],
    });
  });

  test("check - what could not be put in is complained about once", async () => {
    const chain = '  - redact: { fields: ["${env:NOT_SET_HERE}"] }\n';
    const { err } = await check(writeConfiguration(configuration({ chain })));
    expect(err.match(/NOT_SET_HERE is/g)).toHaveLength(1);
    expect(err).toContain("has 1 error.");
  });

  test("check - a file that cannot be read says so, in JSON too", async () => {
    const { status, err } = await check("/nowhere/config.yaml");
    expect(status).toBe(1);
    expect(err).toContain("/nowhere/config.yaml: there is no such file");
    const json = await check("/nowhere/config.yaml", ["--json"]);
    expect(json.status).toBe(1);
    expect(JSON.parse(json.out)).toMatchObject({ valid: false, complaints: [{ path: [] }] });
  });

  test("check - says where tallyman's own events go, or that there are none", async () => {
    const on = await check(writeWithLog(configuration({ more: "lifecycle: { index: agents }\n" })));
    expect(on.out).toContain("(tallyman:lifecycle) to output splunk, in index agents.");
    const off = await check(
      writeWithLog(configuration({ more: "lifecycle: { enabled: false }\n" })),
    );
    expect(off.out).toContain(
      "No lifecycle events: starts, stops, reloads and pauses are not recorded.",
    );
  });

  test("check - says what is sealed, and refuses a proof without keys and with what to do", async () => {
    const proof = "proof: { enabled: true, index: seals, mirror: seals.notes }\n";
    const more = `outputs:
  splunk: { url: "https://splunk.example.com:8088", token: a }
  plain: { url: "https://other.example.com:8088", token: a, mode: raw }
`;
    const text = configuration({ more: proof }).replace(/output:[^]*?\n(?=proof)/, more);
    const file = writeWithLog(text);
    const refused = await check(file);
    expect(refused.status).toBe(1);
    expect(refused.err).toContain("there are no keys to sign seals with");
    expect(refused.err).toContain("tallyman proof init -c FILE");
    await makeKeys(join(dirname(file), "state"));
    const { status, out } = await check(file);
    expect(status).toBe(0);
    expect(out).toContain("Every 1m a signed seal (tallyman:seal) says what was delivered.");
    expect(out).toContain(
      `It is sent to index seals, and appended to ${dirname(file)}/seals.notes.`,
    );
    expect(out).toContain("seals only say how many went to this output");
  });

  test("check - a plugins_dir that is missing is a mistake", async () => {
    const file = writeWithLog(configuration({ more: "plugins_dir: nowhere\n" }));
    const { status, err } = await check(file);
    expect(status).toBe(1);
    expect(err).toContain(join(dirname(file), "nowhere"));
  });
});

test("check - warns of an input that follows a list of a condition", async () => {
  const filter = "  - filter: { drop: 'user in file(\"logs/users.log\")' }\n";
  const file = writeWithLog(configuration({ chain: redact + filter }));
  const list = join(dirname(file), "logs", "users.log");
  writeFileSync(list, "alice\n");
  const { status, out } = await check(file);
  expect(status).toBe(0);
  expect(out).toContain(
    `${list} is a list that a condition reads, so its values are sent as events; see exclude`,
  );
  writeFileSync(join(dirname(file), "users.txt"), "alice\n");
  const other = filter.replace("logs/users.log", "users.txt");
  writeFileSync(file, configuration({ chain: redact + other }), { mode: 0o600 });
  expect((await check(file)).out).not.toContain("is a list");
});

test.each([
  ["a symbolic link", symlinkSync],
  ["another name", linkSync],
] as const)("check - warns of a list that an input follows by %s", async (_, link) => {
  const filter = "  - filter: { drop: 'user in file(\"users.txt\")' }\n";
  const file = writeWithLog(configuration({ chain: redact + filter }));
  const list = join(dirname(file), "users.txt");
  writeFileSync(list, "alice\n");
  const followed = join(dirname(file), "logs", "users.log");
  link(list, followed);
  expect((await check(file)).out).toContain(`${followed} is a list that a condition reads`);
});

describe("the key of hashes", () => {
  const chain =
    '  - redact: { fields: ["**.Authorization"], action: hash, key: "${credential:pseudonyms}" }\n';

  test("check - shows it nowhere, nor what it makes of the input's own events", async () => {
    const credentials = temporaryDirectory();
    const key = ["a-key", "of-this", "test-only"].join("-");
    writeFileSync(join(credentials, "pseudonyms"), `${key}\n`, { mode: 0o600 });
    const file = writeWithLog(configuration({ chain }));
    for (const more of [[], ["--json"]]) {
      const environment = { SECRET: secret, CREDENTIALS_DIRECTORY: credentials };
      const ended = await tallyman(["check", "-c", file, ...more], environment);
      expect(ended).toMatchObject({ status: 0, err: "" });
      expect(ended.out).toContain("***");
      expect(ended.out).not.toContain(key);
      expect(ended.out).not.toContain("hmac-sha256:");
    }
  });

  test("check - says which credential is missing, and where it is named", async () => {
    const file = writeWithLog(configuration({ chain }));
    const environment = { SECRET: secret, CREDENTIALS_DIRECTORY: temporaryDirectory() };
    const { status, err } = await tallyman(["check", "-c", file], environment);
    expect(status).toBe(1);
    expect(err).toMatch(/:7:\d+: chain\[0\]\.redact\.key: .*pseudonyms/);
  });
});
