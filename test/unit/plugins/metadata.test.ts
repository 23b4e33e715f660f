/** `metadata`: what Splunk gets beside an event, and that no event chooses an index that it is not allowed. */
import { describe, expect, test } from "vitest";
import { complaintsAbout, makeChain, runChain } from "../../support/events/chains.ts";

async function metadataOf(options: object, record: string): Promise<object> {
  const chain = await makeChain([{ metadata: options }]);
  const { outcome, text, event } = runChain(chain, record);
  expect({ outcome, text }).toEqual({ outcome: "kept", text: record });
  return event.metadata;
}

const by_bucket = {
  index: { value: "s3_{api.bucket}", allow: ["s3_a", "s3_logs_*"], default: "s3_other" },
};

describe("templates", () => {
  test.each([
    ['{"api":{"bucket":"a"}}', "s3_a"],
    ['{"api":{"bucket":"\\u0061"}}', "s3_a"],
    ['{"api":{"bucket":"logs_2025"}}', "s3_logs_2025"],
    ['{"api":{"bucket":"b"}}', "s3_other"],
    ['{"api":{"bucket":"A"}}', "s3_other"],
    // Whatever a client calls its bucket, no other index than these is chosen.
    ['{"api":{"bucket":"logs_../_audit"}}', "s3_other"],
    ['{"api":{"bucket":"logs_x\\n"}}', "s3_other"],
    ['{"api":{"bucket":"logs_kvstore"}}', "s3_other"],
    ['{"api":{"bucket":"a\\u0000"}}', "s3_other"],
    ['{"api":{"bucket":""}}', "s3_other"],
    ['{"api":{"bucket":null}}', "s3_other"],
    ['{"api":{"bucket":["a"]}}', "s3_other"],
    ['{"api":{"bucket":{"a":1}}}', "s3_other"],
    ['{"api":{}}', "s3_other"],
    [`{"api":{"bucket":"logs_${"a".repeat(2000)}"}}`, "s3_other"],
    ["not JSON", "s3_other"],
    ['"a string"', "s3_other"],
    // The last of a repeated key counts, as Splunk sees it.
    ['{"api":{"bucket":"x","bucket":"a"}}', "s3_a"],
  ])("metadata - the index of %s is %s", async (record, index) => {
    expect(await metadataOf(by_bucket, record)).toEqual({ index });
  });

  test("metadata - without a default, what is not allowed leaves things as they were", async () => {
    const options = { index: { value: "s3_{b}", allow: ["s3_a"] }, host: "{h}" };
    expect(await metadataOf(options, '{"b":"x"}')).toEqual({});
    expect(await metadataOf(options, '{"b":"a","h":"web-1"}')).toEqual({
      index: "s3_a",
      host: "web-1",
    });
  });

  test("metadata - texts may be constant, and may be put together", async () => {
    const options = {
      index: "audit",
      sourcetype: { value: "app:{kind}", allow: ["app:web", "app:db"], default: "app" },
      source: "{host}:{port}",
      host: { value: "{host}", default: "unknown" },
    };
    expect(await metadataOf(options, '{"kind":"db","host":"h","port":514}')).toEqual({
      index: "audit",
      sourcetype: "app:db",
      source: "h:514",
      host: "h",
    });
    expect(await metadataOf(options, '{"kind":"stash"}')).toEqual({
      index: "audit",
      sourcetype: "app",
      host: "unknown",
    });
  });
});

describe("fields", () => {
  test("metadata - keep the type of a value, are added to those that there are, and may be missing", async () => {
    const fields = {
      code: "{c}",
      ok: "{ok}",
      long: "{id}",
      who: "u:{u}",
      site: "berlin",
      n: 7,
      tags: ["x", "{u}"],
    };
    const steps = [{ metadata: { fields: { old: 1, site: "paris" } } }, { metadata: { fields } }];
    const chain = await makeChain(steps);
    const record = '{"c":200,"ok":true,"id":9007199254740993,"u":"bob"}';
    expect(runChain(chain, record).event.fields).toEqual({
      old: 1,
      code: 200,
      ok: true,
      long: "9007199254740993",
      who: "u:bob",
      site: "berlin",
      n: 7,
      tags: ["x", "bob"],
    });
    expect(runChain(chain, '{"c":{"x":1}}').event.fields).toEqual({
      old: 1,
      site: "berlin",
      n: 7,
      tags: ["x"],
    });
  });

  test("metadata - of a value that was redacted, get the mask", async () => {
    const metadata = { metadata: { fields: { who: "{token}" }, source: "s/{token}" } };
    const redact = { redact: { fields: ["token", "who"] } };
    const after = runChain(await makeChain([redact, metadata]), '{"token":"secret"}');
    expect(after.event.metadata).toEqual({ fields: { who: "[REDACTED]" }, source: "s/[REDACTED]" });
    // The other way round redact finds it only by the name of the field.
    const before = runChain(await makeChain([metadata, redact]), '{"token":"secret"}');
    expect(before.event.fields).toEqual({ who: "[REDACTED]" });
  });
});

describe("mistakes", () => {
  test.each([
    [{}, [], /at least one/],
    [{ index: "s3_{b}" }, ["index"], /a list of what it may give/],
    [{ index: { value: "s3_{b}", default: "x" } }, ["index"], /a list of what it may give/],
    [{ sourcetype: "{b}" }, ["sourcetype"], /a list of what it may give/],
    [{ index: "S3" }, ["index"], /lower-case/],
    [{ index: { value: "{b}", allow: ["_internal"] } }, ["index"], /does not begin with _/],
    [{ index: { value: "{b}", allow: ["a"], default: "B" } }, ["index"], /lower-case/],
    [{ index: { value: "{b}", allow: ["*"] } }, ["index", "allow", 0], /single \*/],
    [{ index: { value: "{b}", allow: ["a*b*"] } }, ["index", "allow", 0], /single \*/],
    [{ index: { value: "a", allow: ["a"] } }, ["index"], /is for a template/],
    [{ host: "${h}" }, ["host"], /has no \$\{; write \{path\}/],
    [{ host: "{{ h }}" }, ["host"], /has no \{\{; write \{path\}/],
    [{ host: "%{h}" }, ["host"], /has no %\{; write \{path\}/],
    [{ host: "a{h" }, ["host"], /a brace stands alone/],
    [{ host: "a}" }, ["host"], /a brace stands alone/],
    [{ host: "{}" }, ["host"], /path is missing/],
    [{ host: "h-{a b}" }, ["host"], /path is wrong/],
    [{ host: "{**.h}" }, ["host"], /one value/],
    [{ host: { value: "h-{$.a}", default: "x" } }, ["host", "value"], /write a/],
    [{ fields: { a: ["x", "{a b}"] } }, ["fields", "a", 1], /path is wrong/],
    [{ idnex: "a" }, ["idnex"], /index/],
  ])("metadata - %j is refused at its place", async (options, place, message) => {
    const [complaint] = await complaintsAbout([{ metadata: options }]);
    expect({ path: complaint?.path, message: complaint?.message }).toEqual({
      path: ["chain", 0, "metadata", ...place],
      message: expect.stringMatching(message),
    });
  });
});
