/** The configuration that `tallyman scan --config` prints is one that is taken, whatever the log is. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { loadConfig } from "../../../../src/config/load.ts";
import { startingConfig } from "../../../../src/cli/scan/starter.ts";
import { surveyLogs } from "../../../../src/cli/scan/survey-logs.ts";
import { systemClock } from "../../../../src/platform/clock.ts";
import { Preview } from "../../../../src/preview/run/preview.ts";
import type { FileInputOptions } from "../../../../src/inputs/file/options.ts";
import { lookWhereGlobLeads } from "../../../../src/inputs/file/matching-files.ts";
import { silentLogger } from "../../../../src/platform/log.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";

const weka = readFileSync("examples/weka/events.ndjson", "utf8");
const cloudtrail = readFileSync("examples/cloudtrail/events.json", "utf8");
const access = readFileSync("examples/s3-access-log/access.log", "utf8");
const stamp = "2025-03-21T06:37:27.123456789Z";

const auditd = [1, 2]
  .map(
    (number) =>
      `type=SYSCALL msg=audit(1742539047.123:${number}): arch=c000003e syscall=59 success=yes exe="/bin/ls"\n` +
      `type=PROCTITLE msg=audit(1742539047.123:${number}): proctitle=6C73\n`,
  )
  .join("");
const combined = `192.0.2.1 - ann [21/Mar/2025:06:37:27 +0000] "GET /x HTTP/1.1" 200 12 "-" "curl"\n`;
const kubernetes = {
  kind: "Event",
  auditID: "a",
  verb: "get",
  requestURI: "/",
  requestReceivedTimestamp: stamp,
};
const vault = {
  time: stamp,
  type: "request",
  auth: { token_type: "default" },
  request: { id: "r" },
};

const looking = { clock: systemClock, log: silentLogger, own: [] };

afterEach(() => vi.unstubAllEnvs());

test.each([
  ["WEKA", weka],
  ["CloudTrail", cloudtrail],
  ["CloudTrail, as lists", JSON.stringify({ Records: [{ eventVersion: "1" }] })],
  ["S3 access log", access],
  ["web access log", combined.repeat(5)],
  ["auditd", auditd],
  ["Kubernetes", `${JSON.stringify(kubernetes)}\n`.repeat(5)],
  ["Vault", `${JSON.stringify(vault)}\n`.repeat(5)],
  ["docker", `${JSON.stringify({ log: "x\n", stream: "stdout", time: stamp })}\n`.repeat(5)],
  ["CRI", `${stamp} stdout F {"a":1}\n`.repeat(5)],
  ["syslog", `<34>1 ${stamp} host app 1 - - hello\n`.repeat(5)],
  ["old syslog", "Mar 21 06:37:27 host sshd[1]: Accepted publickey for ann\n".repeat(5)],
  ["key=value", "time=2025-03-21T06:37:27Z level=info user=ann action=login\n".repeat(5)],
  ["text", "2025-03-21 06:37:27 something happened\n".repeat(5)],
  ["times without a zone", '{"at":"2025-03-21 06:37:27"}\n'.repeat(5)],
  ["a time at a key with marks", `${JSON.stringify({ 'a "b".c': { "$d e": stamp } })}\n`.repeat(5)],
  [
    "a time at a key like a reference",
    `${JSON.stringify({ a: { "${env:X}": stamp } })}\n`.repeat(5),
  ],
  ["a list under another key", JSON.stringify({ rows: [{ a: 1 }] })],
  ["CR as the end of lines", '{"a":1}\r{"a":2}\r{"a":3}\r'],
])("starting configuration - of %s, it is valid, and its chain compiles", async (_kind, log) => {
  vi.stubEnv("SPLUNK_HEC_TOKEN", "0");
  const directory = temporaryDirectory();
  const file = join(directory, 'a "log" #1: é {b,[c]} ${env:X}*.log');
  writeFileSync(file, log);
  const config = join(directory, "config.yaml");
  writeFileSync(config, startingConfig(await surveyLogs([file], systemClock)).join("\n"));
  const preview = await Preview.open(await loadConfig(config));
  expect(Object.keys(preview.config.inputs)).toEqual(["audit"]);
  const input = preview.config.inputs["audit"] as FileInputOptions;
  const { files } = await lookWhereGlobLeads(input.paths[0]!, input, looking);
  expect(files.map(({ path }) => path)).toEqual([file]);
  await preview.close();
});
