/** What `tallyman init` writes: directories that a service can go through, and text in which nothing is a reference. */
import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { Answers } from "../../../../src/cli/init/answers.ts";
import { configurationText } from "../../../../src/cli/init/configuration.ts";
import { kindNamed } from "../../../../src/cli/init/kinds.ts";
import type { Placement } from "../../../../src/cli/init/placement.ts";
import { writeFiles } from "../../../../src/cli/init/writing.ts";
import { loadConfig } from "../../../../src/config/load.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";

function setUp(folder: string) {
  const token = {
    path: join(folder, "splunk_token"),
    reference: "${file:splunk_token}",
    mode: 0o600,
    group: undefined,
  };
  const placement: Placement = {
    config: join(folder, "config.yaml"),
    unit: undefined,
    splunk_token: token,
    webhookToken: () => token,
    admin_socket: undefined,
  };
  const answers: Answers = {
    kind: kindNamed("file"),
    source: { kind: "files", globs: [join(folder, "${file:x}", "*.log")] },
    url: "https://127.0.0.1:8088",
    token: "not-a-real-token",
    index: undefined,
    sourcetype: "a${env:NOT_THERE}",
  };
  return { placement, answers };
}

test("init - every directory that it makes can be gone through, whatever the umask", async () => {
  const before = process.umask(0o077);
  onTestFinished(() => void process.umask(before));
  const top = temporaryDirectory();
  const { placement, answers } = setUp(join(top, "a", "b"));
  await writeFiles(answers, placement, { text: "x", replaces: false });
  const modes = ["a", "a/b"].map((made) => statSync(join(top, made)).mode & 0o777);
  expect(modes).toEqual([0o755, 0o755]);
});

test("init - what looks like a reference in a path or a sourcetype is none", async () => {
  const folder = temporaryDirectory();
  const { placement, answers } = setUp(folder);
  writeFileSync(placement.splunk_token.path, "not-a-real-token", { mode: 0o600 });
  writeFileSync(placement.config, configurationText(answers, placement, undefined));
  const { inputs } = await loadConfig(placement.config);
  expect(inputs["audit"]).toMatchObject({
    paths: [join(folder, "${file:x}", "*.log")],
    metadata: { sourcetype: "a${env:NOT_THERE}" },
  });
});
