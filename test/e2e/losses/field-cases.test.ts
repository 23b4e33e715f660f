/**
 * Configurations and records as they were found in the field, with the real daemon: keys with dots, names that are no identifiers,
 * parts of values, colours between a name and its value, statements of several lines, lists of headers, and a condition that keeps
 * nothing. What cannot be meant is refused at the start, with the right spelling.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { stateDirectory, writeConfig } from "../../support/agent-config.ts";
import { tallyman } from "../../support/command-line.ts";
import { Daemon } from "../../support/daemon.ts";
import { longTest } from "../../support/effort.ts";
import { eventually } from "../../support/eventually.ts";
import { filesBelow } from "../../support/files/files-below.ts";
import { askStatus } from "../../support/reports/metrics.ts";
import { Splunk } from "../../support/splunk.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

const secret = ["S3CR3T", "PW"].join("");
const mask = "[REDACTED]";
const card = ["4111", "1111", "1111", "1111"].join(" ");

/** An input's steps, its records, and what has to arrive of them. */
interface Case {
  /** More options of the input. */
  readonly options?: readonly string[];
  readonly chain: readonly string[];
  readonly records: readonly string[];
  readonly sent: readonly string[];
}

const dotted = `{"type":"audit","event.action":"authentication_success","user.name":"USER","request.body":"${secret}"}`;
const of_ecs =
  '{"log.level":"LEVEL","@timestamp":"2025-01-01T00:00:00Z","namespace":"kube-system","n":1}';
const parts = JSON.stringify({
  requestURI: `/api/login?user=x&access_token=${secret}`,
  client_secret_token: secret,
  message: `card ${card} declined for Bearer ${secret}`,
});

const colour = (code: number): string => `\x1b[${code}m`;
const coloured = [
  `${colour(36)}INFO${colour(0)}[0001] login ${colour(36)}password${colour(0)}=${secret} user=ann`,
  `    ${colour(35)}password${colour(39)}: "${secret}"`,
];
const headers = JSON.stringify({
  httpRequest: {
    headers: [
      { name: "Host", value: "h" },
      { name: "Authorization", value: `Bearer ${secret}` },
    ],
  },
});
const key_line = (word: string): string => ["-----", word, " PRIVATE KEY-----"].join("");
const statements = [
  `2025-03-21 06:37:27 LOG:  AUDIT: SESSION,3,1,ROLE,ALTER ROLE,,,"ALTER ROLE ann\n PASSWORD\n '${secret}'",<none>`,
  `2025-03-21 06:37:28 INFO loaded ${key_line("BEGIN")}\nMIIE${secret}\n${key_line("END")}`,
];

const cases: Readonly<Record<string, Case>> = {
  dotted: {
    chain: [
      "redact: { fields: [request.body] }",
      `filter: { drop: 'event["user.name"] == "ann"' }`,
    ],
    records: ["ann", "bob"].map((user) => dotted.replace("USER", user)),
    sent: [dotted.replace("USER", "bob").replace(secret, mask)],
  },
  ecs: {
    chain: [
      `filter: { drop: 'event["log.level"] == "debug" || event.namespace != "kube-system"' }`,
      `filter: { drop: 'has(event.user) || event["@timestamp"] < "2025"' }`,
    ],
    records: [
      of_ecs.replace("LEVEL", "debug"),
      of_ecs.replace("LEVEL", "info"),
      of_ecs.replace("LEVEL", "info").replace("{", '{"user":"ann",'),
      of_ecs.replace("LEVEL", "info").replace("2025", "2024"),
    ],
    sent: [of_ecs.replace("LEVEL", "info")],
  },
  parts: {
    chain: [`redact: { keys: ["*token*"], detect: [credentials, card] }`],
    records: [parts],
    sent: [parts.replaceAll(secret, mask).replace(card, mask)],
  },
  colours: {
    chain: ["redact: { fields: [password], on_unreadable: text }"],
    records: coloured,
    sent: coloured.map((line) => JSON.stringify(line.replace(secret, mask))),
  },
  headers: {
    chain: [`redact: { fields: ["**.Authorization"], ignore_case: true, name_value: true }`],
    records: [headers],
    sent: [headers.replace(`Bearer ${secret}`, mask)],
  },
  statements: {
    options: ["framing: { multiline: { start: '^\\d{4}-\\d\\d-\\d\\d', flush_after: 1s } }"],
    chain: ["redact: { fields: [password], on_unreadable: text }"],
    records: statements,
    sent: [
      `${statements[0]!.split("'")[0]!}'${mask}`,
      statements[1]!.replace(/-----[^]*/, mask),
    ].map((text) => JSON.stringify(text)),
  },
  kept_none: {
    chain: [`filter: { keep: 'requestHeader["User-Agent"] == "aws-skd"' }`],
    records: Array.from({ length: 120 }, () => '{"requestHeader":{"User-Agent":"aws-sdk"}}'),
    sent: [],
  },
};

test("field cases - each record becomes what its author meant, and a rule that keeps nothing is a problem", async () => {
  const directory = temporaryDirectory();
  const splunk = await Splunk.start();
  const inputs = Object.entries(cases).flatMap(([name, { options = [], chain, records }]) => {
    const path = join(directory, `${name}.log`);
    writeFileSync(path, `${records.join("\n")}\n`);
    return [
      `${name}:`,
      `  paths: ["${path}"]`,
      `  metadata: { sourcetype: ${name} }`,
      ...options.map((option) => `  ${option}`),
      "  chain:",
      ...chain.map((step) => `    - ${step}`),
    ];
  });
  const agent = { directory, url: splunk.url, inputs };
  const config = writeConfig(agent);
  const daemon = await Daemon.start(config);
  const count = Object.values(cases).flatMap(({ records }) => records).length;
  await eventually(async () => {
    const { total } = (await askStatus(join(stateDirectory(agent), "admin.sock"))).books;
    return (total.received === count && total.in_flight === 0) || !daemon.alive;
  });
  const { status, out } = await tallyman(["status", "--all", "-c", config]);
  expect(status).toBe(3);
  expect(out).toMatch(/kept_none filter\S*: .*kept none/);
  expect(await daemon.stop()).toBe(0);
  for (const [name, { sent }] of Object.entries(cases)) {
    const own = splunk.indexed.filter(({ sourcetype }) => sourcetype === name);
    expect(own.map(({ event }) => event.toString())).toEqual(sent);
  }
  const left = filesBelow(stateDirectory(agent)).map((bytes) => bytes.toString("latin1"));
  expect([...splunk.events, ...left, ...daemon.lines].join("\n")).not.toContain(secret);
});

longTest(
  "field cases - paths of other languages, and a header without quotes, are refused with the right spelling",
  async () => {
    const directory = temporaryDirectory();
    const config = writeConfig({
      directory,
      url: "http://127.0.0.1:9",
      paths: [join(directory, "audit.log")],
      chain: [
        'redact: { fields: ["$.requestHeader.Authorization", "/requestHeader/Authorization", "**.*token*"] }',
        `filter: { keep: 'requestHeader.User-Agent == "aws-sdk"' }`,
      ],
    });
    const daemon = Daemon.spawn(["run", "-c", config]);
    expect(await daemon.exited).toBe(1);
    // Without the lines of the configuration, which are shown below each message.
    const said = daemon.lines.filter((line) => !/^ *\d* \| /.test(line)).join("\n");
    for (const place of ["fields[0]", "fields[1]", "fields[2]", "filter.keep"])
      expect(said).toContain(place);
    // What to write instead of either path.
    expect(said.split("requestHeader.Authorization")).toHaveLength(3);
    expect(said).toMatch(/requestHeader\[\\*"User-Agent/);
  },
);
