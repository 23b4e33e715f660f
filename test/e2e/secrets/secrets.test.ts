/**
 * Planted secrets: in every spelling of the key, and in lines that cannot be read, they appear neither in what is
 * sent, nor in the log, nor in the state directory.
 */
import { globSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { stateDirectory, writeConfig } from "../../support/agent-config.ts";
import { Daemon } from "../../support/daemon.ts";
import { longTest } from "../../support/effort.ts";
import { Splunk, valid_token } from "../../support/splunk.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

const secret = "S3cr3tPlanted";
let planted = 0;

/** A secret value, each one different, all with the same beginning. */
function value(): string {
  planted += 1;
  return `AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/x, Signature=${secret}${planted}`;
}

/** Every character written as its escape. */
function escaped(text: string): string {
  return text.replace(/./g, (c) => String.raw`\u00${c.charCodeAt(0).toString(16)}`);
}

const spellings = [
  "Authorization",
  "authorization",
  "AUTHORIZATION",
  "aUTHORIZATIOn",
  String.raw`Authoriz\u0061tion`,
  String.raw`\u0041uthorization`,
  escaped("Authorization"),
  escaped("AUTHORIZATION")
    .toUpperCase()
    .replaceAll(String.raw`\U`, String.raw`\u`),
];

/** Where a key can stand; `*` is the member. */
const places = [
  `{"requestHeader":{*}}`,
  `{"requestHeader":{"a":1,*,"b":2}}`,
  `{"requestHeader" : { * } }`,
  `{"requestHeader":{*},"requestHeader":{*}}`,
  `{"callInfo":{"requestHeader":{*}}}`,
  `{"deep":{"er":[{"x":[[{*}]]}]}}`,
  `[{*},{"y":{*}}]`,
  `{*}`,
];

/** What can stand at the key. */
const values = [
  () => JSON.stringify(value()),
  () => JSON.stringify([value(), value()]),
  () => JSON.stringify({ scheme: { token: value() } }),
  () => `"${secret}\\"quoted\\u0022${value()}"`,
];

function readableLines(): string[] {
  const lines: string[] = [];
  for (const spelling of spellings) {
    for (const place of places) {
      for (const make of values) {
        const one = place.replaceAll("*", () => `"${spelling}":${make()}`);
        lines.push(one, one.replace(/"Auth/, `"Authorization":${make()},"Auth`));
      }
    }
  }
  return lines;
}

/** Broken lines: cut off, without their end, with a byte too many, or not JSON at all. */
function unreadableLines(): string[] {
  const lines: string[] = [];
  for (const spelling of spellings) {
    const line = `{"requestHeader":{"${spelling}":${JSON.stringify(value())},"x":1}}`;
    lines.push(line.slice(0, -3), `${line}}`, `x${line}`, line.replace('"x":1', '"x":01'));
    lines.push(line.slice(0, line.indexOf(secret) + secret.length));
  }
  lines.push(`Authorization: ${value()}`, `authorization=${value()}`, `GET / Bearer ${secret}xyz`);
  // Coloured output kept in a file: of logrus, pino-pretty, jq and grep, and as a shell prints its escapes.
  lines.push(
    `\x1b[36mINFO\x1b[0m[0001] login \x1b[36mauthorization\x1b[0m=${secret} \x1b[36muser\x1b[0m=ann`,
    `    \x1b[35mauthorization\x1b[39m: "${secret}"`,
    `\x1b[34;1m"Authorization"\x1b[0m\x1b[1;39m:\x1b[0;32m"${secret}"\x1b[0m\x1b[1;39m,`,
    `\x1b[01;31m\x1b[Kauthor\x1b[m\x1b[Kization=${secret}`,
    String.raw`\e[36mauthorization=\e[0m${secret}`,
  );
  return lines;
}

test("secrets - no spelling of a key gets a planted secret out", async () => {
  const directory = temporaryDirectory();
  const splunk = await Splunk.start();
  const path = join(directory, "audit.log");
  const readable = readableLines();
  const unreadable = unreadableLines();
  const good = `{"good":true,"authorization_mode":"none"}`;
  writeFileSync(path, [...readable, ...unreadable, good, ""].join("\n"));
  const config = {
    directory,
    url: splunk.url,
    paths: [path],
    chain: [`redact: { fields: ["**.authorization"], ignore_case: true }`],
    top: ["log: { level: debug }"],
  };
  const daemon = await Daemon.start(writeConfig(config));
  await splunk.until(() => splunk.events.at(-1) === good || !daemon.alive);
  expect(await daemon.stop()).toBe(0);

  expect(splunk.events).toHaveLength(readable.length + 1);
  expect(splunk.events.filter((event) => event.includes(secret))).toEqual([]);
  for (const event of splunk.events.slice(0, -1)) expect(event).toContain("[REDACTED]");
  expect(daemon.books.total).toMatchObject({
    delivered: readable.length + 1,
    quarantined: unreadable.length,
  });
  expect(daemon.books.balanced).toBe(true);
  expectNoTrace(daemon, stateDirectory(config));
});

longTest(
  "secrets - a text event is shipped with its known secrets masked where the user says so",
  async () => {
    const directory = temporaryDirectory();
    const splunk = await Splunk.start();
    const path = join(directory, "audit.log");
    const unreadable = unreadableLines();
    writeFileSync(path, [...unreadable, ""].join("\n"));
    const config = {
      directory,
      url: splunk.url,
      paths: [path],
      chain: [`redact: { fields: ["**.authorization"], ignore_case: true, on_unreadable: text }`],
    };
    const daemon = await Daemon.start(writeConfig(config));
    await splunk.until(() => splunk.events.length === unreadable.length || !daemon.alive);
    expect(await daemon.stop()).toBe(0);
    expect(splunk.events.filter((event) => event.includes(secret))).toEqual([]);
    expect(daemon.books.total).toMatchObject({ delivered: unreadable.length, quarantined: 0 });
    expectNoTrace(daemon, stateDirectory(config));
  },
);

longTest("secrets - a path in another case masks a header only with ignore_case", async () => {
  const directory = temporaryDirectory();
  const splunk = await Splunk.start();
  const path = join(directory, "audit.log");
  writeFileSync(path, `{"requestHeader":{"Authorization":"${secret}"}}\n`);
  const config = {
    directory,
    url: splunk.url,
    paths: [path],
    chain: [`redact: { fields: ["requestheader.AUTHORIZATION"], ignore_case: true }`],
  };
  const daemon = await Daemon.start(writeConfig(config));
  await splunk.until(() => splunk.events.length === 1 || !daemon.alive);
  expect(await daemon.stop()).toBe(0);
  expect(splunk.events).toEqual([`{"requestHeader":{"Authorization":"[REDACTED]"}}`]);
});

/** Neither the planted secrets nor the token stand in the log or in any file of the state directory. */
function expectNoTrace(daemon: Daemon, state_dir: string): void {
  for (const trace of [secret, valid_token]) {
    expect(daemon.lines.filter((line) => line.includes(trace))).toEqual([]);
    const files = globSync(join(state_dir, "**/*")).filter((file) => statSync(file).isFile());
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) expect(readFileSync(file, "latin1")).not.toContain(trace);
  }
}
