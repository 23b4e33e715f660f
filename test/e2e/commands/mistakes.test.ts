/** Mistakes in rules that only events show, with the real daemon: `tallyman status` warns of each after a hundred events. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { stateDirectory, writeConfig } from "../../support/agent-config.ts";
import { tallyman } from "../../support/command-line.ts";
import { Daemon } from "../../support/daemon.ts";
import { eventually } from "../../support/eventually.ts";
import { askStatus } from "../../support/reports/metrics.ts";
import { mistaken_event, shown_by_events } from "../../support/reports/mistakes.ts";
import { Splunk } from "../../support/splunk.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

/** What `status` calls what `check` says otherwise. */
const words_of_status: Record<string, string> = {
  "finds nothing by its rules": "has found nothing by its rules",
  "none of": "the filter has kept none of 100 events",
};

test("mistakes - each is a problem in status within a hundred events, with what to write, and no key of hashes is shown", async () => {
  const directory = temporaryDirectory();
  mkdirSync(join(directory, "logs"));
  const inputs = shown_by_events.map(({ step }, number) => {
    const path = join(directory, "logs", `${number}.log`);
    writeFileSync(path, `${mistaken_event}\n`.repeat(100));
    return `m${number}: ${JSON.stringify({ paths: [path], chain: [step] })}`;
  });
  const key = ["a-key", "of-this", "test-only"].join("-");
  const hashing = { fields: ["requestHeader.Authorization"], action: "hash", key };
  const hashed = { paths: [join(directory, "logs", "0.log")], chain: [{ redact: hashing }] };
  inputs.push(`hashed: ${JSON.stringify(hashed)}`);
  const splunk = await Splunk.start();
  const agent = { directory, url: splunk.url, inputs };
  const config = writeConfig(agent);
  const daemon = await Daemon.start(config);
  const socket = join(stateDirectory(agent), "admin.sock");
  const events = 100 * inputs.length;
  await eventually(async () => (await askStatus(socket)).books.total.received === events);
  const { status, out } = await tallyman(["status", "--all", "-c", config]);
  expect(status).toBe(3);
  for (const [number, { step, said }] of shown_by_events.entries()) {
    const lines = out.split("\n").filter((line) => line.startsWith(`  m${number} `));
    expect(lines.join("\n"), JSON.stringify(step)).toContain(words_of_status[said] ?? said);
  }
  const json = await tallyman(["status", "--all", "-c", config, "--json"]);
  const said = [out, json.out, ...daemon.lines].join("\n");
  expect(said).toContain("hashed");
  expect(said).not.toContain(key);
});
