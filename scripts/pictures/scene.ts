/**
 * A real agent with some traffic, for pictures of it: three inputs of other kinds, two outputs, and a path that is mistaken so
 * that there is a warning. It runs on a terminal.
 */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DemoReceiver } from "../../src/cli/demo/receiver.ts";
import { DemoWriter } from "../../src/cli/demo/writer.ts";
import { forward } from "../../test/support/servers/forwarding.ts";
import { PictureTerminal } from "./picture-terminal.ts";

/** The same each time, since it is in the pictures. */
const folder = join(tmpdir(), "audit-demo");
const token = "00000000-demo-demo-demo-000000000000";
const tick_ms = 200;

export interface Scene {
  /** Where the page is, over the agent's UNIX socket. */
  readonly url: string;
  readonly folder: string;
  /** The one that the agent runs on. */
  readonly terminal: PictureTerminal;
  close(): Promise<void>;
}

/** Stages it. The scene goes on until it is closed. */
export async function stage(): Promise<Scene> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, "logs"), { recursive: true, mode: 0o700 });
  const receiver = await DemoReceiver.start(token, '"api"');
  writeFileSync(join(folder, "config.yaml"), configText(receiver.url), { mode: 0o600 });
  const writers = ["s3-audit.log", "gateway.log"].map(
    (name) => new DemoWriter(join(folder, "logs", name)),
  );
  const terminal = new PictureTerminal(folder, { columns: 100, rows: 26 });
  terminal.type("clear; tallyman run");
  if (!(await terminal.shows(/ctrl-c stops/))) {
    throw new Error(`the agent did not start:\n${terminal.screen()}`);
  }
  const sender = connect(join(folder, "apps.sock"));
  const timer = setInterval(() => {
    const at_s = Date.now() / 1000;
    writers[0]!.write(Math.round(240 + 160 * Math.sin(at_s / 20)));
    writers[1]!.write(Math.round(60 + 20 * Math.sin(at_s / 7)));
    sender.write(
      `{"app":"billing","password":"${"x".repeat(9)}","user":"alice","action":"login"}\n`,
    );
  }, tick_ms);
  const forwarded = await forward(join(folder, "state", "admin.sock"));
  return {
    url: forwarded.url,
    folder,
    terminal,
    async close() {
      clearInterval(timer);
      sender.destroy();
      await forwarded.close();
      terminal.keys("C-c");
      await terminal.shows(/Stopped/);
      terminal.close();
      await receiver.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function configText(url: string): string {
  return `state_dir: ${folder}/state
inputs:
  s3_audit:
    type: file
    paths: ["${folder}/logs/s3-audit.log"]
  gateway:
    type: file
    paths: ["${folder}/logs/gateway.log", "${folder}/logs/gateway-errors.log"]
    chain:
      - redact: { fields: ["requestHeader.Authorization"] }
  local_apps:
    type: socket
    path: ${folder}/apps.sock
chain:
  - filter: { drop: 'api.name == "HeadObject" && api.statusCode == 200' }
    name: no_successful_heads
  - redact: { fields: ["requestHeader.Authorization"], keys: ["*passw*"], verify: false }
  - route: { to: archive }
    when: 'action == "login"'
outputs:
  splunk: { type: splunk_hec, url: "${url}", token: ${token} }
  archive: { type: file, path: ${folder}/archive.log }
`;
}
