/**
 * `redact` with encodings in what is text: in quarantine, in headers of records, in text that other steps mask, and in each other,
 * where what one rule takes out must not keep another from its own.
 */
import { describe, expect, test } from "vitest";
import { Records, type RecordHeader } from "../../../../src/event/block.ts";
import { LogEvent } from "../../../../src/event/log-event.ts";
import { makeChain, runChain } from "../../../support/events/chains.ts";

const within = ["json", "url", "base64"];
const json = JSON.stringify;
const url = encodeURIComponent;
const base64 = (text: string): string => Buffer.from(text).toString("base64");
const token = ["ghp", "a1B2".repeat(9)].join("_");
/** With a blank before them, they do not look like a token in base64. */
const secret = ` ${json({ user: "ann", pin: "S3cret", n: 1 })}`;
const masked = ` ${json({ user: "ann", pin: "[REDACTED]", n: 1 })}`;

describe("the mask of the chain", () => {
  test.each([
    ["text with base64", `got ${base64(secret)} from ann`, `got ${base64(masked)} from ann`],
    [
      "a query of base64",
      `GET /x?q=${url(base64(secret))}&b=%20`,
      `GET /x?q=${base64(masked)}&b=%20`,
    ],
    ["JSON with base64", json({ log: base64(secret) }), json({ log: base64(masked) })],
    [
      "JSON with base64 that has escapes",
      json({ log: base64(`${secret}???`) }).replaceAll("/", "\\/"),
      json({ log: base64(`${masked}???`) }),
    ],
  ])("redact - looks into %s that goes to quarantine", async (_, text, expected) => {
    const chain = await makeChain([{ redact: { keys: ["pin"], within } }]);
    expect(chain.maskText(text)).toBe(expected);
  });

  test("redact - decodes nothing where no step does", async () => {
    const chain = await makeChain([{ redact: { keys: ["pin"] } }]);
    expect(chain.maskText(`got ${base64(secret)}!`)).toBe(`got ${base64(secret)}!`);
  });

  test("redact - text of one step is looked at by the encodings of another", async () => {
    const chain = await makeChain([
      { redact: { keys: ["x"], on_unreadable: "text" } },
      { redact: { keys: ["pin"], within, on_unreadable: "text" }, when: "false" },
    ]);
    expect(runChain(chain, `got ${base64(secret)}!`).text).toBe(`got ${base64(masked)}!`);
  });

  test("redact - what the header of a record says is looked into", async () => {
    const chain = await makeChain([{ redact: { keys: ["pin"], within } }]);
    const value = base64(secret);
    const header: RecordHeader = {
      fields: { state: value, app: "web" },
      from: {
        text: `<34>1 - h web - - [a state="${value}"]`,
        parts: [
          { field: "state", names: ["state"], values: [value] },
          { field: "app", names: [], values: ["web"] },
        ],
      },
    };
    const records = new Records({
      origin: { input: "a", stream: "b", metadata: {} },
      bytes: Buffer.from("{}"),
      starts: Int32Array.of(0),
      ends: Int32Array.of(2),
      count: 1,
      offset: 0,
      read_at_ms: 0,
      known: [{ header }],
    });
    const event = new LogEvent(records, 0, chain.scanner);
    expect(event.fields).toEqual({ state: "[REDACTED]", app: "web" });
  });

  test("redact - encodings in each other cost no more than they are long", async () => {
    const chain = await makeChain([{ redact: { keys: ["pin"], within } }]);
    let deep = `{"pin":"S3cret`;
    for (let level = 0; level < 8; level += 1) deep = base64(deep);
    let percents = "{";
    for (let level = 0; level < 2000; level += 1) percents = percents.replace(/^(?:%)?/, "%25");
    for (const text of [deep, percents]) expect(chain.maskText(text)).toBe(text);
  });
});

describe("several rules in decoded content", () => {
  const options = {
    keys: ["pin"],
    detect: ["github"],
    // It ends a value of a query where it stands in one.
    with: "<removed here>",
    within,
  };

  test.each([
    ["text", (query: string) => `see /x?q=${query}&b=1`],
    ["JSON", (query: string) => json({ uri: `/x?q=${query}` })],
  ])("redact - what a detector takes out of %s leaves no rest undecoded", async (_, hold) => {
    const chain = await makeChain([{ redact: options }]);
    const query = url(json({ t: token, pin: "S3cret" }));
    const { text } = runChain(chain, json({ blob: base64(hold(query)) }));
    const [, held] = /^\{"blob":"(.*)"\}$/.exec(text)!;
    const left = Buffer.from(held!, "base64").toString();
    expect(left).not.toContain("S3cret");
    expect(left).not.toContain("a1B2");
  });

  test("redact - JSON that cannot be read is masked as text, and what is encoded in it decoded", async () => {
    const chain = await makeChain([{ redact: { keys: ["pin"], within } }]);
    const broken = `{"pin":"S3cret","log":"${base64(secret)}","cut`;
    const { text } = runChain(chain, json({ blob: base64(broken) }));
    const [, held] = /^\{"blob":"(.*)"\}$/.exec(text)!;
    const left = Buffer.from(held!, "base64").toString();
    expect(left).not.toContain("S3cret");
    expect(left).not.toContain(base64(secret));
  });

  test.each([
    ["a string", (text: string) => json({ agent: text })],
    ["a string of JSON", (text: string) => json({ log: json({ agent: text }) })],
    ["base64", (text: string) => json({ agent: base64(`agent ${text}, and more`) })],
  ])("redact - escapes of web servers hide no secret in %s", async (_, hold) => {
    const chain = await makeChain([{ redact: { detect: ["github"], within } }]);
    const spelled = `\\x22${token.replace("gh", "\\x67\\x68")}\\x22`;
    const { text } = runChain(chain, hold(spelled));
    const held = text.replace(/[\w+/-]{24,}={0,2}/, (run) => Buffer.from(run, "base64").toString());
    expect(held).toContain("[REDACTED]");
    expect(held).not.toContain(token.slice(4, 20));
  });
});

test("redact - action partial looks at no more keys than its rules name", async () => {
  const chain = await makeChain([{ redact: { fields: ["a"], action: "partial" } }]);
  expect(chain.scanner.walker.paths).toHaveLength(1);
});
