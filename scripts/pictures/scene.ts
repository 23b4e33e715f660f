/**
 * A real agent with some traffic, for pictures of its page: three inputs of other kinds, two outputs, and a path that is
 * mistaken so that there is a warning.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DemoReceiver } from "../../src/cli/demo/receiver.ts";
import { DemoWriter } from "../../src/cli/demo/writer.ts";
import { forward } from "../../test/support/forwarding.ts";

const token = "00000000-demo-demo-demo-000000000000";
const tick_ms = 200;

export interface Scene {
  /** Where the page is, over the agent's UNIX socket. */
  readonly url: string;
  close(): Promise<void>;
}

/** Stages it. The scene goes on until it is closed. */
export async function stage(): Promise<Scene> {
  const folder = mkdtempSync(join(tmpdir(), "tallyman-pictures-"));
  const receiver = await DemoReceiver.start(token, '"api"');
  mkdirSync(join(folder, "logs"));
  const config_file = join(folder, "config.yaml");
  writeFileSync(config_file, configText(folder, receiver.url), { mode: 0o600 });
  const writers = ["s3-audit.log", "gateway.log"].map(
    (name) => new DemoWriter(join(folder, "logs", name)),
  );
  const agent = spawn(process.execPath, ["dist/tallyman.js", "run", "-c", config_file], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  await logged(agent, '"code":"running"');
  const sender = connect(join(folder, "apps.sock"));
  const timer = setInterval(() => {
    const at_s = Date.now() / 1000;
    writers[0]!.write(Math.round(240 + 160 * Math.sin(at_s / 20)));
    writers[1]!.write(Math.round(60 + 20 * Math.sin(at_s / 7)));
    sender.write(
      `{"app":"billing","user":"alice","action":"login","password":"${"x".repeat(9)}"}\n`,
    );
  }, tick_ms);
  const forwarded = await forward(join(folder, "state", "admin.sock"));
  return {
    url: forwarded.url,
    async close() {
      clearInterval(timer);
      sender.destroy();
      await forwarded.close();
      agent.kill("SIGTERM");
      await once(agent, "exit");
      await receiver.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function logged(agent: ChildProcess, text: string): Promise<void> {
  let log = "";
  for await (const chunk of agent.stderr!.iterator({ destroyOnReturn: false })) {
    log += String(chunk);
    if (log.includes(text)) break;
  }
  agent.stderr!.resume();
  if (!log.includes(text)) throw new Error(`the agent did not start:\n${log}`);
}

function configText(folder: string, url: string): string {
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
