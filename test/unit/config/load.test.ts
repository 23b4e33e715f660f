/**
 * Loading whole files: what they come to, which forms they may have, and that hostile ones end in a complaint.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadConfig } from "../../../src/config/load.ts";
import { TallymanError } from "../../../src/platform/errors.ts";
import {
  complaintsAbout,
  load,
  splunkOutput,
  writeConfiguration,
} from "../../support/configuration.ts";
import { is_long, long, sampledCases } from "../../support/effort.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

const smallest = `inputs:
  a: { paths: [/var/log/a.log] }
output: { url: "https://splunk:8088", token: abc }
`;

async function errorOf(loading: Promise<unknown>): Promise<TallymanError> {
  const thrown: unknown = await loading.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(TallymanError);
  return thrown as TallymanError;
}

describe("settings", () => {
  test("config - the smallest one has a default for everything else", async () => {
    expect({ ...(await load(smallest)) }).toEqual({
      tests: [],
      // For another user than root it is below the home directory.
      state_dir: expect.stringMatching(/\/tallyman$/) as string,
      inputs: {
        a: expect.objectContaining({ type: "file", max_event_bytes: 1024 ** 2, rotate_wait: 5000 }),
      },
      chain: [],
      output: expect.objectContaining({
        type: "splunk_hec",
        url: "https://splunk:8088",
        mode: "event",
        compression: "none",
        batch: { max_bytes: 1024 ** 2, max_wait: 200 },
        max_in_flight: 4,
        timeout: 10_000,
      }),
      quarantine: { max_bytes: 256 * 1024 * 1024 },
      admin: { mode: "0660" },
      plugin_timeout: 20_000,
      shutdown_timeout: 30_000,
      lifecycle: { enabled: true, heartbeat: 300_000 },
      proof: { enabled: false, interval: 60_000, granularity: "leaf" },
      log: { level: "info" },
    });
  });

  test("config - JSON means the same as YAML", async () => {
    const json = JSON.stringify(
      {
        inputs: { a: { paths: ["/var/log/a.log"] } },
        output: { url: "https://splunk:8088", token: "abc" },
      },
      undefined,
      "\t",
    );
    expect(JSON.stringify(await load(json))).toBe(JSON.stringify(await load(smallest)));
  });

  test("config - CRLF, a byte order mark, anchors and block text mean what they mean in YAML", async () => {
    const text = `\uFEFFinputs:
  a: &file
    paths: [/var/log/a.log]
  b: *file
output:
  url: https://splunk:8088
  token: >-
    abc
`;
    const config = await load(text.replaceAll("\n", "\r\n"));
    expect(config.inputs["b"]).toEqual(config.inputs["a"]);
    expect(splunkOutput(config).token.reveal()).toBe("abc");
  });

  test("config - relative paths start at the file's folder, and its name is not a glob", async () => {
    const folder = join(temporaryDirectory(), "a[1] {x}");
    mkdirSync(folder);
    const file = join(folder, "config.yaml");
    writeFileSync(
      file,
      `state_dir: state
plugins_dir: ./plugins
inputs:
  a: { paths: [logs/*.log, ../b.log, /c.log], exclude: ["*.gz", old/*, /d] }
output: { url: "https://splunk:8088", token: abc }
`,
    );
    const { state_dir, plugins_dir, inputs } = await loadConfig(file, {});
    const escaped = join(dirname(folder), String.raw`a\[1\] \{x\}`);
    expect(state_dir).toBe(join(folder, "state"));
    expect(plugins_dir).toBe(join(folder, "plugins"));
    expect(inputs["a"]).toMatchObject({
      paths: [join(escaped, "logs/*.log"), join(dirname(folder), "b.log"), "/c.log"],
      exclude: ["*.gz", join(escaped, "old/*"), "/d"],
    });
  });

  test("config - a collector's URL may have the collector's path", async () => {
    const text = smallest.replace("splunk:8088", "splunk:8088/services/collector/raw");
    expect(splunkOutput(await load(text)).url).toBe("https://splunk:8088");
  });

  test("config - a complaint of a later stage gets its line and column", async () => {
    const file = writeConfiguration(`${smallest}chain:\n  - mask: { paths: [a, b] }\n`);
    const config = await loadConfig(file, {});
    const path = ["chain", 0, "mask", "paths", 1];
    expect(config.complain(path, "no")).toEqual({
      path,
      file,
      line: 5,
      column: 24,
      message: "chain[0].mask.paths[1]: no",
    });
    expect(config.complain(["chain", 0, "mask", "gone", "x"], "no")).toMatchObject({
      line: 5,
      column: 5,
    });
    expect(config.complain(["chain", 0, "mask"], "no", "key")).toMatchObject({ column: 5 });
    expect(config.complain(["plugins_dir"], "no")).toMatchObject({ line: 1, column: 1 });
  });
});

describe("files", () => {
  test("config - an unreadable file is config_unreadable, with the reason", async () => {
    const directory = temporaryDirectory();
    execFileSync("mkfifo", [join(directory, "pipe")]);
    writeFileSync(join(directory, "latin1"), Buffer.from([0x61, 0x3a, 0x20, 0xe4]));
    // The mark that stands for such a byte may be in the text itself.
    writeFileSync(
      join(directory, "later"),
      Buffer.concat([Buffer.from("# \ufffd\n# \ufffd\u00e4 "), Buffer.from([0xfc])]),
    );
    writeFileSync(join(directory, "utf16"), Buffer.from(`\uFEFF${smallest}`, "utf16le"));
    writeFileSync(join(directory, "long"), "# comment\n".repeat(1_000_000));
    const reasons = {
      missing: /no such file/,
      ".": /not a regular file/,
      pipe: /not a regular file/,
      latin1: /not UTF-8 text \(line 1, column 4\); save it as UTF-8/,
      later: /not UTF-8 text \(line 2, column 6\)/,
      utf16: /not UTF-8/,
      long: /longer than 256KiB/,
    };
    for (const [name, reason] of Object.entries(reasons)) {
      const error = await errorOf(loadConfig(join(directory, name), {}));
      expect(error.code).toBe("config_unreadable");
      expect(error.message).toMatch(reason);
      expect(error.message).toContain(directory);
    }
  });

  test("config - a mistaken file is config_invalid, with every complaint", async () => {
    const file = writeConfiguration(`${smallest}logs: {}\nstate: x\n`);
    const error = await errorOf(loadConfig(file, {}));
    expect(error.code).toBe("config_invalid");
    expect(error.message).toBe(`${file} has 2 errors.`);
    expect(error.details.complaints?.map(({ line, file: of }) => [of, line])).toEqual([
      [file, 4],
      [file, 5],
    ]);
  });
});

const doubling = Array.from({ length: 40 }, (_, index) => {
  const before = index === 0 ? "x" : `*a${index - 1}`;
  return `a${index}: &a${index} [${before}, ${before}]`;
}).join("\n");
/** Characters; a configuration has at most 256 KiB. */
const some = is_long ? 250_000 : 20_000;

describe("hostile files", () => {
  const hostile: [what: string, text: string][] = [
    ["aliases that double forty times", doubling],
    ["an alias of itself", "a: &a [*a]"],
    ["a map that holds itself", "inputs: &i\n  x: *i\n"],
    ["opening brackets", "[".repeat(some)],
    ["opening braces", "{a: ".repeat(some / 4)],
    [
      "nested blocks",
      Array.from({ length: 600 }, (_, depth) => `${" ".repeat(depth)}a:`).join("\n"),
    ],
    ["nested lists", "- ".repeat(some / 2)],
    ["nested keys", "? ".repeat(some / 2)],
    ["quotes", '"'.repeat(some)],
    ["colons", ": ".repeat(some / 2)],
    ["tags", "!a ".repeat(some / 3)],
    ["anchors", "&a ".repeat(some / 3)],
    ["very many keys", Array.from({ length: some / 12 }, (_, key) => `k${key}: 1`).join("\n")],
    ["very many values", `a: [${"1,".repeat(some / 2)}]`],
    ["the same key very often", "a: 1\n".repeat(some / 5)],
    ["very many unknown aliases", `a: [${"*b,".repeat(some / 3)}]`],
    ["very many bad references", `a: [${'"${x}",'.repeat(some / 7)}]`],
    ["references without an end", `a: "${"${".repeat(some / 2)}"`],
    ["a long word that is unknown", `${"x".repeat(some)}: 1`],
    ["keys of the prototype", "__proto__: { output: 1 }\nconstructor: 1\nhasOwnProperty: 1\n"],
    ["binary", "\u0000\u0001\u0002\u0007\u001b[31m"],
    ["control characters in a key", `"\\e[31mred\\a": 1`],
  ];

  test.each(sampledCases(hostile, 4))(
    "hostile - %s end in complaints, and not many",
    long,
    async (_what, text) => {
      const complaints = await complaintsAbout(text);
      expect(complaints).not.toEqual([]);
      expect(complaints.length).toBeLessThanOrEqual(100);
      const all = complaints.join("\n");
      expect(all.length).toBeLessThan(50_000);
      // oxlint-disable-next-line no-control-regex
      expect(all).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
    },
  );

  test("hostile - keys of the prototype change nothing", async () => {
    const text = smallest.replace("inputs:", "inputs:\n  __proto__: { paths: [/b] }");
    expect(await complaintsAbout(text)).toEqual(["2:3 inputs: no key can be called __proto__"]);
    expect(({} as Record<string, unknown>)["paths"]).toBeUndefined();
  });
});
