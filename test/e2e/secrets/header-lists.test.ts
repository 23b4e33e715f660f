/**
 * Headers in lists of names and values, with the real daemon: with `name_value` none of their secrets leaves, and where a path
 * that looks right finds none of them, the log says so.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { stateDirectory, writeConfig } from "../../support/agent-config.ts";
import { Daemon } from "../../support/daemon.ts";
import { filesBelow } from "../../support/files/files-below.ts";
import { Splunk } from "../../support/splunk.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

const secret = ["Bearer", "s3cr3t-example"].join(" ");
const masked = "[REDACTED]";

/** As AWS WAF writes them, as Suricata does, and with other names for the members, in a string, in the other order. */
const records = (value: string): string[] =>
  [
    {
      timestamp: 1742539047915,
      httpRequest: {
        headers: [
          { name: "Host", value: "h" },
          { name: "Authorization", value },
        ],
      },
    },
    {
      timestamp: "2025-03-21T06:37:27.915055+0000",
      event_type: "http",
      http: { request_headers: [{ name: "authorization", value }] },
    },
    { log: JSON.stringify({ Headers: [{ Value: value, Key: "AUTHORIZATION" }] }) },
  ].map((record) => JSON.stringify(record));

test("header lists - their secrets stay here, and a path that does not find them is reported", async () => {
  const directory = temporaryDirectory();
  const [masking, missing] = [join(directory, "masking.log"), join(directory, "missing.log")];
  writeFileSync(masking, `${records(secret).join("\n")}\n`);
  writeFileSync(missing, `${records("no secret")[0]}\n`.repeat(120));
  const splunk = await Splunk.start();
  const rule = 'fields: ["**.Authorization"], ignore_case: true';
  const config = writeConfig({
    directory,
    url: splunk.url,
    inputs: [
      `masking: { type: file, paths: ["${masking}"], chain: [{ redact: { ${rule}, name_value: true } }] }`,
      `missing: { type: file, paths: ["${missing}"], chain: [{ redact: { ${rule} } }] }`,
    ],
  });
  const daemon = await Daemon.start(config);
  await splunk.until(({ indexed }) => indexed.length >= 123 || !daemon.alive);
  expect(await daemon.stop()).toBe(0);
  for (const record of records(masked)) expect(splunk.events).toContain(record);
  const on_disk = filesBelow(stateDirectory({ directory, url: "" }));
  const kept = on_disk.map((bytes) => bytes.toString("latin1"));
  for (const each of [...splunk.events, ...kept, ...daemon.lines]) {
    expect(each).not.toContain("s3cr3t-example");
  }
  expect(daemon.of("redact_unmatched")).toMatchObject([{ input: "missing" }]);
});
