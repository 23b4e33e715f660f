/** The searches of the app for Splunk name only what tallyman sends. */
import { beforeAll, expect, test } from "vitest";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readConf, searches, type Stanza } from "../../support/splunk-app/app.ts";
import { indexedFields, ownEvents, type Kind } from "../../support/splunk-app/own-events.ts";
import { expanded, namesIn } from "../../support/splunk-app/spl.ts";

const macros = new Map(
  [...readConf("default/macros.conf")].map(([name, { definition = "" }]) => [name, definition]),
);
/** Fields that Splunk itself gives every event. */
const of_splunk = ["_time", "host", "index", "source", "sourcetype"];
let sent: Map<string, Kind>;

beforeAll(async () => {
  const directory = mkdtempSync(join(tmpdir(), "tallyman-test-"));
  sent = await ownEvents(directory);
  rmSync(directory, { recursive: true });
});

/** The events that a search reads. */
function kindsOf(query: string): Kind[] {
  const names = [...query.matchAll(/sourcetype="([^"]+)"/g)].map(([, name]) => name!);
  return [...new Set(names)].map((name) => {
    const kind = sent.get(name);
    if (kind === undefined) throw new Error(`nothing is sent as ${name}`);
    return kind;
  });
}

test("splunk app - what tallyman sends of itself is known here: sourcetypes, kinds, and why events are missing", () => {
  expect([...sent.keys()].sort()).toEqual([
    "tallyman:doctor",
    "tallyman:gap",
    "tallyman:heartbeat",
    "tallyman:lifecycle",
    "tallyman:seal",
  ]);
  const values = [...sent.values()].flatMap((kind) => [...kind.values]);
  for (const event of ["start", "stop", "reload", "pause", "resume", "silent", "heard"])
    expect(values).toContain(`event "${event}"`);
  for (const ended of ["no_run", "cleanly", "uncleanly"])
    expect(values).toContain(`last_run.ended "${ended}"`);
  expect(values).toContain('reason "quarantine_purged"');
});

test.each(searches())(
  "splunk app - $place names only fields and values that are sent",
  ({ query }) => {
    const whole = expanded(query, macros);
    const kinds = kindsOf(whole);
    const fields = new Set([
      ...of_splunk,
      ...indexedFields(),
      ...kinds.flatMap((kind) => [...kind.fields]),
    ]);
    const named = namesIn(whole);
    expect([...named.fields].filter((field) => !fields.has(field))).toEqual([]);
    const values = new Set(kinds.flatMap((kind) => [...kind.values]));
    const compared = [...named.values].filter(
      (value) => !/^(undefined|host|sourcetype|index|tally_\w+|tallyman_\w+) /.test(value),
    );
    expect(compared.filter((value) => !values.has(value))).toEqual([]);
  },
);

test.each(searches())(
  "splunk app - $place finds events by a macro alone, which says the index",
  ({ query }) => {
    expect(query).not.toMatch(/\b(index|sourcetype)\s*=/);
    expect(query).toMatch(/^(\| tstats [^|[]*WHERE )?`tallyman_(index|lifecycle|gap|seal)`/);
  },
);

test("splunk app - only one macro says an index, and every macro is used", () => {
  const with_index = [...macros].filter(([, text]) => /\bindex\s*=/.test(text));
  expect(with_index.map(([name]) => name)).toEqual(["tallyman_index"]);
  const all = [...searches().map(({ query }) => query), ...macros.values()].join(" ");
  expect([...macros.keys()].filter((name) => !all.includes(`\`${name}\``))).toEqual([]);
});

test("splunk app - an event's time is found in its text, where there is only that", () => {
  for (const [sourcetype, stanza] of readConf("default/props.conf")) {
    for (const text of sent.get(sourcetype)!.texts) expect(timeIn(text, stanza), text).toBe(true);
  }
});

/** Whether Splunk finds a time of that form at that place, or does not look for one. */
function timeIn(text: string, stanza: Stanza): boolean {
  const { TIME_PREFIX: prefix, TIME_FORMAT: format, MAX_TIMESTAMP_LOOKAHEAD: most = "0" } = stanza;
  if (prefix === undefined) return stanza["DATETIME_CONFIG"] === "CURRENT";
  expect(format).toBe("%Y-%m-%dT%H:%M:%S.%3NZ");
  const at = new RegExp(prefix).exec(text);
  if (at === null) return false;
  const rest = text.slice(at.index + at[0].length, at.index + at[0].length + Number(most));
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(rest);
}

test("splunk app - reads every sourcetype of tallyman as JSON, and knows every field that it adds as an indexed one", () => {
  const props = readConf("default/props.conf");
  expect([...props.keys()].sort()).toEqual([...sent.keys()].sort());
  for (const { KV_MODE, SHOULD_LINEMERGE } of props.values())
    expect([KV_MODE, SHOULD_LINEMERGE]).toEqual(["json", "false"]);
  const indexed = readConf("default/fields.conf");
  expect([...indexed.keys()].sort()).toEqual([...indexedFields()].sort());
  for (const stanza of indexed.values()) expect(stanza).toEqual({ INDEXED: "true" });
});

test.each([
  ['`tallyman_lifecycle` event="start" | stats max(tme) AS t', "tme"],
  ["`tallyman_lifecycle` | stats count BY host | where isnotnull(version)", "not there any more"],
  ["`tallyman_lifecycle` | stats count BY (host", "left open"],
  ["`tallyman_lifecycle` | outputlookup x", "no command"],
  ["`tallyman_lifecycle` | eval a=urldecode(version)", "no function"],
  ["`tallyman_nothing` event=1", "no macro"],
])("splunk app - a mistake in a search would be found: %s", (query, mistake) => {
  const names = (): unknown => {
    const { fields } = namesIn(expanded(query, macros));
    const known = new Set([...of_splunk, ...sent.get("tallyman:lifecycle")!.fields]);
    const unknown = [...fields].filter((field) => !known.has(field));
    if (unknown.length > 0) throw new Error(unknown.join(" "));
    return fields;
  };
  expect(names).toThrow(mistake);
});
