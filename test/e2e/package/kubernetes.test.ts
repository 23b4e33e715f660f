/**
 * The configurations in the DaemonSets of examples/kubernetes, with the real daemon on what a node has: logs arrive under the
 * node's name, without their secrets, and what tallyman itself writes is not followed.
 */
import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { auditRecords } from "../../support/events/audit-records.ts";
import { tallyman } from "../../support/command-line.ts";
import { Daemon } from "../../support/daemon.ts";
import { expectNoSecret } from "../../support/documents/handing-over.ts";
import { sandboxFor } from "../../support/documents/recipe.ts";
import { is_long, long } from "../../support/effort.ts";
import { daemonSetOf } from "../../support/kubernetes/manifests.ts";
import { Splunk } from "../../support/splunk.ts";

const cases = [
  ["pods", "kubernetes-pods", "var/log/pods/shop_web-6f7d-x2_0b1c-4f/app/0.log"],
  ["audit", "kubernetes", "var/log/kubernetes/audit/audit.log"],
] as const;

test.runIf(is_long).each(cases)(
  "kubernetes - the configuration of %s.yaml is valid, and ships what it should under the node's name",
  long,
  async (name, recipe, path) => {
    const file = `examples/kubernetes/${name}.yaml`;
    const splunk = await Splunk.start();
    const { config: text } = daemonSetOf(file);
    const sandbox = await sandboxFor({ file, line: 1, language: "yaml", text }, splunk);
    const own = "var/log/pods/tallyman_tallyman-pods-x2_0b1c-4f/tallyman/0.log";
    for (const each of [path, own]) {
      mkdirSync(join(sandbox.root, dirname(each)), { recursive: true });
      writeFileSync(
        join(sandbox.root, each),
        each === own ? '2026-11-28T20:00:00.1Z stderr F {"msg":"own output"}\n' : "",
      );
    }
    const checked = await tallyman(["check", "-c", sandbox.config], sandbox.environment);
    expect(checked).toMatchObject({ status: 0, err: "" });

    const records = auditRecords[recipe]!;
    const environment = { ...sandbox.environment, TALLYMAN_HOST: "node-7" };
    const daemon = await Daemon.start(sandbox.config, environment);
    appendFileSync(join(sandbox.root, path), records.lines.map((line) => `${line}\n`).join(""));
    await splunk.until(({ indexed }) => indexed.length >= records.lines.length || !daemon.alive);
    expect(await daemon.stop()).toBe(0);
    const { sourcetype, index } = sandbox.input.metadata;
    for (const each of splunk.indexed) {
      expect(each).toMatchObject({ sourcetype, index, host: "node-7" });
    }
    const sent = splunk.events.join("\n");
    for (const kept of records.kept) expect(sent).toContain(kept);
    expectNoSecret(sent, records);
    expect(daemon.books.total).toMatchObject({
      received: records.lines.length,
      delivered: records.lines.length,
    });
  },
);
