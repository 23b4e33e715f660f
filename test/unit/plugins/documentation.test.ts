/** The examples of docs/plugins.md do what the document says, through the real loader. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Split } from "../../../src/chain/split.ts";
import { makeChain, makeEvent, runChain } from "../../support/events/chains.ts";
import { CollectedLog } from "../../support/collected-log.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

const document = readFileSync(new URL("../../../docs/plugins.md", import.meta.url), "utf8");

/** The code blocks that begin with a comment which is a file's name. */
const files = Object.fromEntries(
  [...document.matchAll(/```[jt]s\n\/\/ (\S+)\n([\s\S]*?)```/g)].map(
    ([, name, source]) => [name!, source!] as const,
  ),
);

test("plugin documentation - its examples are the ones that are tested here", () => {
  expect(Object.keys(files)).toEqual([
    "tag.mjs",
    "add_site.ts",
    "count_logins.ts",
    "explode.mjs",
    "owner.mjs",
    "shorten.mjs",
    "to_index.ts",
    "parse_syslog.mjs",
  ]);
});

test("plugin documentation - tag marks events, and ends some", async () => {
  const chain = await makeChain([{ tag: { value: "yes" } }], { files });
  expect(runChain(chain, '{"api":{"name":"PutObject"}, "id":9007199254740993}').text).toBe(
    '{"api":{"name":"PutObject"}, "id":9007199254740993,"tagged":"yes"}',
  );
  expect(runChain(chain, '{"api":{"name":"HeadObject"}}').outcome).toBe("filtered tag");
  expect(runChain(chain, "oops").outcome).toBe("quarantined unreadable:tag");
});

test("plugin documentation - add_site adds its option, which must be there", async () => {
  const chain = await makeChain([{ add_site: { site: "berlin" } }], { files });
  expect(runChain(chain, '{"a":1}').text).toBe('{"a":1,"site":"berlin"}');
  await expect(makeChain([{ add_site: {} }], { files })).rejects.toThrow(/site/);
});

test("plugin documentation - count_logins says at its end how many there were", async () => {
  const log = new CollectedLog();
  const chain = await makeChain([{ count_logins: {} }], { files, log });
  for (const kind of ["login", "logout", "login"]) {
    expect(runChain(chain, `{"kind":"${kind}"}`).outcome).toBe("kept");
  }
  await chain.dispose();
  expect(log.at("info")[0]).toMatchObject({ facts: { logins: 2, step: "count_logins" } });
});

test("plugin documentation - explode makes an event of each entry", async () => {
  const chain = await makeChain([{ explode: { path: "entries[*]", keep: true } }], { files });
  const end = chain.run(makeEvent('{"requestID":7,"entries":[{},{"a":1.0}]}', chain.scanner));
  expect((end as Split).parts.slice(1).map(({ text }) => text)).toEqual([
    '{"from":7}',
    '{"a":1.0,"from":7}',
  ]);
});

test("plugin documentation - owner finds what the table has", async () => {
  for (const [name, start] of [
    ["owners.csv", "bucket,"],
    ["owners.yaml", "# /etc/tallyman/owners.yaml"],
  ] as const) {
    const file = join(temporaryDirectory(), name);
    const [, table] = new RegExp(`\`\`\`text\n(${start}[\\s\\S]*?)\`\`\``).exec(document)!;
    writeFileSync(file, table!, { mode: 0o644 });
    const chain = await makeChain([{ owner: { file } }], { files });
    const { text } = runChain(chain, '{"api":{"bucket":"web"}}');
    expect(text).toContain('"owner":{"team":"shop","site":"berlin"}');
    expect(document).toContain('`"owner":{"team":"shop","site":"berlin"}`');
    expect(runChain(chain, '{"api":{"bucket":"x"}}').text).toBe('{"api":{"bucket":"x"}}');
    await chain.dispose();
  }
});

test("plugin documentation - shorten cuts texts", async () => {
  const chain = await makeChain([{ shorten: { fields: ["a", "b.c"], length: 3 } }], { files });
  expect(runChain(chain, '{"a":"abcdef", "b":{"c":"abc"}, "d":"abcdef"}').text).toBe(
    '{"a":"abc… (6 characters)", "b":{"c":"abc"}, "d":"abcdef"}',
  );
});

test("plugin documentation - to_index chooses an index, drops and quarantines", async () => {
  const steps = [{ to_index: { when: 'user == "root"', index: "admins" } }];
  const chain = await makeChain(steps, { files });
  expect(runChain(chain, '{"user":"root"}').event.index).toBe("admins");
  expect(runChain(chain, '{"user":"bob"}').event.index).toBeUndefined();
  expect(runChain(chain, '{"level":"debug"}').outcome).toBe("dropped debug");
  expect(runChain(chain, '{"level":7}').outcome).toBe("quarantined old_format");
});

test("plugin documentation - parse_syslog makes a record of a line", async () => {
  const steps = [{ parse_syslog: {} }, { redact: { fields: ["message"] } }];
  const chain = await makeChain(steps, { files });
  const { text, event } = runChain(chain, "<34>Oct 11 22:14:15 web-1 su: failed for root");
  expect(text).toBe('{"priority":34,"at":"Oct 11 22:14:15","message":"[REDACTED]"}');
  expect(event.host).toBe("web-1");
  expect(runChain(chain, '{"message":1}').text).toBe('{"message":"[REDACTED]"}');
  expect(runChain(chain, "what is this").outcome).toBe("quarantined unreadable:redact");
});

test("plugin documentation - the chain at the head of the steps is a chain", async () => {
  const steps = [
    { filter: { drop: 'api.name == "HeadObject" && api.statusCode == 200' } },
    { redact: { fields: ["requestHeader.Authorization"] } },
    {
      set: { fields: { tagged: "yes" } },
      name: "mark_logins",
      when: 'kind == "login"',
      on_error: "drop",
    },
  ];
  const chain = await makeChain(steps, { files });
  const text = '{"requestHeader":{"Authorization":"x"},"kind":"login"}';
  expect(runChain(chain, text).text).toBe(
    '{"requestHeader":{"Authorization":"[REDACTED]"},"kind":"login","tagged":"yes"}',
  );
  expect(chain.steps.map((step) => step.name)).toEqual(["filter", "redact", "mark_logins"]);
});
