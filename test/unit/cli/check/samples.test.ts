/** What `tallyman check` says of the rules by the first events of the input's own files. */
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { tallyman } from "../../../support/command-line.ts";
import { writeConfiguration } from "../../../support/configuration.ts";

const planted = ["Pl4nted", "Secr3t", "9x"].join("-");

interface Given {
  chain: object[];
  files: Record<string, string | Buffer>;
  inputs?: Record<string, object>;
  more?: object;
}

/** What is said below the first heading, in lines; and the warnings. */
async function checked({ chain, files, inputs = { audit: { paths: ["*.log"] } }, more }: Given) {
  const output = { url: "https://splunk.example.com:8088", token: "made-up" };
  const text = JSON.stringify({ state_dir: "state", inputs, chain, output, ...more });
  const file = writeConfiguration(text);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(dirname(file), name)), { recursive: true, mode: 0o755 });
    writeFileSync(join(dirname(file), name), content, { mode: 0o644 });
  }
  const before = readdirSync(dirname(file));
  const { status, out, err } = await tallyman(["check", "-c", file]);
  expect({ status, err }).toEqual({ status: 0, err: "" });
  expect(readdirSync(dirname(file))).toEqual(before);
  expect(out).not.toContain(planted);
  const [, tried = ""] = /\n(Tried on input [^]*?)(?:\nWarnings|$)/.exec(out) ?? [];
  const [, warnings = ""] = /\nWarnings\n([^]*)/.exec(out) ?? [];
  return { tried: tried.trimEnd().split("\n"), warnings };
}

const lines = (records: object[]): string =>
  records.map((each) => `${JSON.stringify(each)}\n`).join("");

const records = [
  { api: "Get", header: { Authorization: planted }, body: JSON.stringify({ token: planted }) },
  { api: "Head", header: { Authorization: planted } },
  { api: "Put" },
];

test("check samples - each step, and each path and name, with the events that it has found something in", async () => {
  const chain = [
    { filter: { drop: 'api == "Head"' }, name: "heads", when: "!has(user.is_admin)" },
    { filter: { drop: 'has(event.error) || user.id == "x"' } },
    { redact: { fields: ["header.Authorization", "body.token", "header.Cookie"] } },
  ];
  const { tried, warnings } = await checked({ chain, files: { "a.log": lines(records) } });
  expect(tried).toEqual([
    "Tried on input audit: the first 3 events of a.log",
    "  2 would be sent; 1 filtered (heads).",
    "  1. heads (filter): of 3 events it ends 1.",
    "    user.is_admin, in a condition: in none of them",
    "  2. filter: of 2 events it changes none.",
    "    error, in a condition: in none of them",
    "    user.id, in a condition: in none of them",
    "  3. redact: of 2 events it changes 1.",
    "    header.Authorization: in 1 event",
    "    body.token: in JSON in strings",
    "    header.Cookie: in none of them",
  ]);
  expect(warnings).toBe("");
});

test("check samples - at most the first 500 events of several files, compressed ones, too", async () => {
  const files = {
    "a.log": lines(Array.from({ length: 400 }, () => records[0]!)),
    "b.log": gzipSync(lines(Array.from({ length: 400 }, () => records[2]!))),
  };
  const chain = [{ redact: { fields: ["header.Authorization"] } }];
  const { tried } = await checked({ chain, files });
  expect(tried[0]).toBe("Tried on input audit: the first 500 events of a.log, b.log");
  expect(tried.at(-1)).toBe("    header.Authorization: in 250 events");
});

test("check samples - of a file without an end of a line, no more than is needed is read", async () => {
  const chain = [{ redact: { fields: ["token"], on_unreadable: "text" } }];
  const content = "x".repeat(6 * 1024 * 1024);
  const { tried } = await checked({ chain, files: { "a.log": content } });
  expect(tried).toEqual([""]);
});

test("check samples - plugins of a user's own get no events, nor does what is behind them", async () => {
  const source = `import { writeFileSync } from "node:fs";
    export default { name: "own", create: () => (event) => { throw new Error("was called"); } };`;
  const chain = [
    { redact: { fields: ["header.Authorization"] } },
    { own: {} },
    { redact: { fields: ["nothing"] } },
  ];
  const files = { "a.log": lines(records), "plugins/own.mjs": source };
  const { tried, warnings } = await checked({ chain, files, more: { plugins_dir: "plugins" } });
  expect(tried.slice(1)).toEqual([
    "  All 3 would be sent.",
    "  1. redact: of 3 events it changes 2.",
    "    header.Authorization: in 2 events",
    "  2. own: not tried, nor what follows it: check gives no events to plugins of your own; tallyman try does.",
  ]);
  expect(warnings).toBe("");
});

test("check samples - a path of the common chain that another input needs is not warned of", async () => {
  const inputs = { one: { paths: ["one.log"] }, other: { paths: ["other.log"] } };
  const files = {
    "one.log": lines(records),
    "other.log": lines([{ headers: { Authorization: planted } }]),
  };
  const right = [{ redact: { fields: ["header.Authorization", "headers.Authorization"] } }];
  expect((await checked({ chain: right, files, inputs })).warnings).toBe("");
  const half = [{ redact: { fields: ["header.Authorization"] } }];
  expect((await checked({ chain: half, files, inputs })).warnings).toBe("");
  const wrong = [{ redact: { fields: ["header.Authorisation"] } }];
  expect((await checked({ chain: wrong, files, inputs })).warnings).toMatch(
    /chain\[0\]\.redact\.fields\[0\]: .* of one\.log; did you mean header\.Authorization\?\n.* of other\.log; did you mean headers/,
  );
});

test("check samples - where nothing would be sent, that is said, and why", async () => {
  const chain = [{ redact: { fields: ["header.Authorization"] } }];
  const { tried, warnings } = await checked({ chain, files: { "a.log": "no JSON\nat all\n" } });
  expect(tried[1]).toBe("  0 would be sent; 2 quarantined (unreadable:redact).");
  expect(warnings).toMatch(
    /inputs\.audit: all of the first 2 events of a\.log would go to quarantine, and nothing would be sent: quarantined \(unreadable:redact\)/,
  );
});
