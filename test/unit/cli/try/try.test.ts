/** `tallyman try` as a user sees it: what it shows of a log, and that it shows no secret and leaves nothing behind. */
import { readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { tallyman, type Ended } from "../../../support/command-line.ts";
import { writeConfiguration } from "../../../support/configuration.ts";
import { makeChain, runChain } from "../../../support/events/chains.ts";

const planted = ["Pl4nted", "Secr3t", "9x"].join("-");
const other = ["0ther", "S3cret", "7y"].join("-");

const heads = `  - filter: { drop: 'api == "Head"' }\n    name: heads\n`;
const redact = `  - redact: { fields: ["header.Authorization", "header.Cookies"] }\n`;
const index = `  - metadata: { index: other }\n    when: 'api == "Put"'\n`;

const log = [
  { time: "2025-03-21T06:37:27Z", api: "Get", header: { Authorization: `AWS ${planted}` } },
  { time: "2025-03-21T06:37:28Z", api: "Head", header: { Authorization: `AWS ${planted}` } },
  { time: "2025-03-21T06:37:29Z", api: "Put", header: { Authorization: `AWS ${other}` } },
  { time: "2025-03-21T06:37:30Z", api: "List", body: JSON.stringify({ password: planted }) },
]
  .map((event) => `${JSON.stringify(event)}\n`)
  .join("")
  .concat(`no JSON password=${planted}\n`);

function configuration(chain = heads + redact + index, input = ""): string {
  return `state_dir: state
inputs:
  audit: { paths: ["/var/log/audit*.log"], metadata: { index: main }${input} }
chain:
${chain || "  []\n"}output: { url: "https://splunk.example.com:8088", token: abc }
`;
}

interface Given {
  chain?: string;
  input?: string;
  content?: string | Buffer;
  words?: string[];
}

/** Runs it on a log, and gives what it printed; nothing may be left beside the log. */
async function tried({ chain, input, content = log, words = [] }: Given = {}): Promise<Ended> {
  const file = writeConfiguration(configuration(chain, input));
  const path = join(dirname(file), "audit.log");
  writeFileSync(path, content);
  const before = readdirSync(dirname(file));
  const ended = await tallyman(["try", "-c", file, path, ...words]);
  expect(readdirSync(dirname(file))).toEqual(before);
  return ended;
}

const json = async (given: Given = {}): Promise<Record<string, unknown>[]> => {
  const { out } = await tried({ ...given, words: ["--json", ...(given.words ?? [])] });
  const lines = out.trimEnd().split("\n");
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
};

describe("what is shown", () => {
  test("try - each event that is changed or not sent, with its fate and what each step did", async () => {
    const { out, status, err } = await tried();
    expect(err).toBe("");
    expect(status).toBe(3);
    expect(out.replaceAll(/‹secret [0-9a-f]{6}›/g, "‹secret›")).toContain(
      [
        "#1  kept → splunk  audit.log, byte 0",
        "  redact",
        `    …me":"2025-03-21T06:37:27Z","api":"Get","header":{"Authorization":"`,
        "  - ‹secret›",
        "  + [REDACTED]",
        `    "}}`,
      ].join("\n"),
    );
    expect(out).toContain("#2  filtered (heads)");
    expect(out).toMatch(/#3 {2}kept → splunk[^#]*index:\n {2}- main\n {2}\+ other\n/);
    expect(out).not.toContain("#4  ");
    expect(out).toContain("#5  quarantined (unreadable:redact) by redact");
    expect(out.split("\n").filter((line) => line.length > 80)).toEqual([]);
  });

  test("try - the summary has what every rule did, and what it missed", async () => {
    const { out } = await tried({ words: ["--limit", "0"] });
    expect(out).toMatch(/events +5\n/);
    expect(out).toMatch(/filtered: heads +1\n/);
    expect(out).toMatch(
      /audit redact +4 +2 +1 +0\n +header\.Authorization +2\n +header\.Cookies +0/,
    );
    expect(out).toContain("Never matched\n  audit redact: header.Cookies");
    expect(out).toContain(`body.password: 1 event. To mask it, add to the chain:
      - redact: { fields: ["body.password"] }`);
    expect(out).toContain("--all shows every one");
  });

  test("try - no secret is in anything that is printed, unless it is asked for", async () => {
    const chain = `${redact}  - rename: { from: header, to: headers }\n`;
    for (const each of [redact, chain, index]) {
      for (const words of [["--all"], ["--json"], ["--only", "quarantined"]]) {
        const { out, err } = await tried({ chain: each, words });
        expect(out + err).not.toContain(planted);
        expect(out + err).not.toContain(other);
      }
    }
    const shown = await tried({ words: ["--reveal", "--all"] });
    expect(shown.out).toContain(`- AWS ${planted}`);
    expect(shown.out).not.toContain("‹secret");
  });

  test("try - a secret in the name of a log is not in what is printed of its events", async () => {
    const token = ["ghp", "a1B2".repeat(9)].join("_");
    const file = writeConfiguration(configuration());
    const path = join(dirname(file), `audit-${token}.log`);
    writeFileSync(path, log);
    const other_file = writeConfiguration(configuration(redact));
    for (const words of [["--all"], ["--json"], ["--diff", other_file, "--json"]]) {
      const { out } = await tallyman(["try", "-c", file, path, ...words]);
      expect(out).not.toContain(token);
    }
  });

  test("try - equal secrets have the same tag in a run, and another one in the next", async () => {
    const tags = async () => (await tried({ words: ["--json"] })).out.match(/‹secret \w+›/g) ?? [];
    const [first, second] = [await tags(), await tags()];
    // Of the first two events, whose secret is the same.
    expect(new Set(first.slice(0, 3)).size).toBe(1);
    expect(new Set(first).size).toBe(new Set(second).size);
    expect(new Set(first).intersection(new Set(second)).size).toBe(0);
  });

  test("try - JSON has an object for each event and one with the summary", async () => {
    const lines = await json();
    expect(lines).toHaveLength(6);
    expect(lines[0]).toMatchObject({ event: 1, input: "audit", fate: "kept", output: "splunk" });
    expect(lines[0]).toMatchObject({ time: "1742539047", metadata: { index: "main" }, offset: 0 });
    expect(lines[4]).toMatchObject({ fate: "quarantined", reason: "unreadable:redact" });
    expect(lines[5]).toMatchObject({ summary: { events: 5, changed: 2 } });
  });

  test("try - is what the chain of the daemon makes of each event", async () => {
    const chain = await makeChain([
      { filter: { drop: 'api == "Head"' }, name: "heads" },
      { redact: { fields: ["header.Authorization", "header.Cookies"] } },
    ]);
    const texts = log.trimEnd().split("\n");
    const lines = await json({ chain: heads + redact, words: ["--reveal"] });
    for (const [at, text] of texts.entries()) {
      const { outcome, text: result } = runChain(chain, text);
      const { fate, reason, after } = lines[at]!;
      const ended = fate === "kept" ? [fate] : [fate, reason];
      expect(ended).toEqual(outcome.split(" "));
      if (fate === "kept") expect(after).toBe(result);
    }
  });

  test("try - an event on which the condition of a step fails was ended by that step", async () => {
    const chain = `  - metadata: { index: first }\n${index}`;
    const [shown] = await json({ chain, words: ["--only", "quarantined"] });
    expect(shown).toMatchObject({ reason: "unreadable:metadata_2", step: "metadata_2" });
  });

  test("try - shows a few of each kind, so that one kind does not hide the others", async () => {
    const many = `${JSON.stringify({ api: "Head" })}\n`.repeat(100) + log;
    const { out } = await tried({ content: many });
    expect(out.match(/filtered \(heads\)/g)).toHaveLength(5);
    expect(out).toContain("#101  kept");
    const { out: asked } = await tried({ content: many, words: ["--only", "filtered", "--all"] });
    expect(asked.match(/#\d+ {2}filtered \(heads\)/g)).toHaveLength(101);
  });
});

describe("--diff", () => {
  test("try - names each event that another configuration treats differently", async () => {
    const changed = writeConfiguration(configuration(redact.replace("Cookies", "X") + index));
    const { out, status } = await tried({ words: ["--diff", changed] });
    expect(status).toBe(3);
    expect(out).toContain("#2  filtered (heads), now kept → splunk");
    expect(out).toMatch(/the same +4\n +different +1\n/);
    expect(out).not.toContain(planted);
  });

  test("try - what the other one does not mask any more is a tag, and not the secret", async () => {
    const none = writeConfiguration(configuration(index));
    for (const words of [[], ["--json"]]) {
      const { out } = await tried({ words: ["--diff", none, ...words] });
      expect(out).toContain("[REDACTED]");
      expect(out).toContain("‹secret ");
      expect(out).not.toContain(planted);
    }
  });

  test("try - compares metadata, with that of the other one's input", async () => {
    const text = configuration().replace("index: main", "index: audit");
    const { out } = await tried({ words: ["--diff", writeConfiguration(text)] });
    expect(out).toMatch(/index:\n {2}- main\n {2}\+ audit/);
    expect(out).toMatch(/other metadata +2\n/);
  });

  test("try - says so where nothing differs, and where events cannot be compared", async () => {
    const { out, status } = await tried({ words: ["--diff", writeConfiguration(configuration())] });
    expect(out).toMatch(/different +0\n/);
    expect(status).toBe(0);
    const framed = writeConfiguration(configuration(undefined, ", framing: json"));
    const refused = await tried({ words: ["--diff", framed] });
    expect(refused).toMatchObject({ status: 2, out: "" });
    expect(refused.err).toContain("the framing, encoding or max_event_bytes of input audit differ");
  });
});

describe("logs", () => {
  const one = { api: "Get", header: { Authorization: planted } };
  const records = JSON.stringify({ Records: [one, one, one] }, undefined, 2);

  test.each([
    ["compressed", "", gzipSync(log), 5],
    ["in UTF-16", "", Buffer.from(`\ufeff${log}`, "utf16le"), 5],
    ["a document", ", framing: { json: { records: Records } }", Buffer.from(records), 3],
    ["without an end", "", Buffer.from(log.trimEnd()), 5],
    ["empty", "", Buffer.alloc(0), 0],
  ])("try - reads a log that is %s", async (_kind, input, content, events) => {
    const [summary] = await json({ input, content, words: ["--limit", "0"] });
    expect(summary).toMatchObject({ summary: { events } });
  });

  test("try - says what is not read of a damaged file", async () => {
    const content = gzipSync(log.repeat(1000), { level: 0 });
    const { out } = await tried({ content: content.subarray(0, content.length - 2000) });
    expect(out).toMatch(/Not read\n +\S+audit\.log: it is compressed, and its end is missing/);
  });

  test("try - a log that cannot be read is an error (log_unreadable)", async () => {
    const file = writeConfiguration(configuration());
    const missing = await tallyman(["try", "-c", file, "/nonexistent/audit.log"]);
    expect(missing).toMatchObject({ status: 1, out: "" });
    expect(missing.err).toContain("/nonexistent/audit.log: there is no such file");
    const directory = await tallyman(["try", "-c", file, dirname(file)]);
    expect(directory.err).toContain("it is a directory");
    const packed = join(dirname(file), "a.xz");
    writeFileSync(packed, Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00, 1, 2]));
    expect((await tallyman(["try", "-c", file, packed])).err).toContain("compressed with xz");
  });

  test("try - the input is the one whose paths match, the only one, or the one that is named", async () => {
    const inputs = `  a: { paths: ["/logs/a*.log"] }\n  b: { paths: ["/logs/b*.log"] }\n`;
    const text = configuration().replace(/ {2}audit: .*\n/, inputs);
    const file = writeConfiguration(text);
    const unsure = await tallyman(["try", "-c", file, "/elsewhere/x.log"]);
    expect(unsure.status).toBe(2);
    expect(unsure.err).toContain("choose one with --input: a, b");
    const wrong = await tallyman(["try", "-c", file, "--input", "bb", "/elsewhere/x.log"]);
    expect(wrong.err).toMatch(/there is no input "bb".*known here: a, b/);
    const matched = await tallyman(["try", "-c", file, "/logs/b1.log"]);
    expect(matched.err).toContain("/logs/b1.log: there is no such file");
  });
});

test("try - counts a path for the texts in which its name was masked", async () => {
  const chain = "  - redact: { fields: [password, api_key], on_unreadable: text }\n";
  const content = `INFO login Pass\\u0077ord=${planted} user=ann\nINFO logout user=ann\n`;
  const { out } = await tried({ chain, content });
  expect(out).toMatch(/password +1\n/);
  expect(out).toMatch(/Never matched\n.*: api_key\n/);
});
