/**
 * The built-in steps with the real daemon: what each does reaches Splunk, every event is in the books under the step that
 * ended it, and the planted secrets are nowhere: not in what is sent, not in the log, not in the state directory.
 */
import { globSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { stateDirectory, writeConfig } from "../../support/agent-config.ts";
import { Daemon } from "../../support/daemon.ts";
import { eventually } from "../../support/eventually.ts";
import { Splunk } from "../../support/splunk.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

const secret = "S3cr3tPlanted";

const chain = [
  "parse: { format: key_value, on_failure: quarantine }",
  "parse: { format: json, from: log }\n    name: inner",
  `redact: { fields: ["**.password"] }`,
  "rename: { fields: { login.password: key } }",
  "remove: { fields: [debug] }",
  "set: { fields: { site: berlin }, only_if_missing: true }",
  `metadata: { index: { value: "s3_{bucket}", allow: [s3_a], default: s3_other }, fields: { who: "{key}" } }`,
  "dedupe: { by: id }",
  "throttle: { events: 1, per: 1h, by: noisy }\n    when: has(event.noisy)",
  "truncate: { max_length: 20, fields: [agent] }",
  "select: { fields: [id, key, log, site, agent, password, user, noisy] }",
];

const records = [
  `{"id":1,"login":{"password":"${secret}"},"bucket":"a","debug":1, "agent":"0123456789012345"}`,
  `{"id":2,"log":"{\\"password\\": \\"${secret}\\", \\"n\\": 1.0}","bucket":"_audit"}`,
  `id=3 user=bob password=${secret}`,
  `{"id":2,"log":"again"}`,
  `{"id":4,"noisy":1.0,"agent":"01234567890123456789x"}`,
  '{"id":5,"noisy":1}',
  `no pairs, and "password": "${secret}"`,
];

test("steps - a chain of all of them: what is shipped, and where all else is booked", async () => {
  const directory = temporaryDirectory();
  const splunk = await Splunk.start();
  const path = join(directory, "audit.log");
  writeFileSync(path, `${records.join("\n")}\n`);
  const config = { directory, url: splunk.url, paths: [path], chain };
  const daemon = await Daemon.start(writeConfig(config));
  await eventually(() => splunk.events.length === 4);
  expect(await daemon.stop()).toBe(0);
  expect(splunk.events).toEqual([
    '{"id":1,"agent":"0123456789012345","key":"[REDACTED]","site":"berlin"}',
    '{"id":2,"log":{"password": "[REDACTED]", "n": 1.0},"site":"berlin"}',
    '{"id":"3","user":"bob","password":"[REDACTED]","site":"berlin"}',
    '{"id":4,"noisy":1.0,"agent":"01234567…[truncated]","site":"berlin"}',
  ]);
  expect(splunk.indexed.map(({ index }) => index)).toEqual([
    "s3_a",
    "s3_other",
    "s3_other",
    "s3_other",
  ]);
  expect(splunk.indexed[0]?.fields).toEqual({ who: "[REDACTED]" });
  expect(daemon.books.balanced).toBe(true);
  expect(daemon.books.total).toMatchObject({
    received: 7,
    delivered: 4,
    filtered: 2,
    quarantined: 1,
    dropped: 0,
  });
  const files = globSync(`${stateDirectory(config)}/**`).filter((each) => statSync(each).isFile());
  const kept = files.map((each) => readFileSync(each, "latin1"));
  expect(kept.join("")).toContain("unparsed:parse");
  for (const reason of ["dedupe", "throttle"]) expect(kept.join("")).toContain(`"${reason}":1`);
  const places = [...splunk.events, ...daemon.lines, ...kept, JSON.stringify(splunk.indexed)];
  expect(places.filter((each) => each.includes(secret))).toEqual([]);
});
