/** The process of an isolated step: what it gets of the agent, and that it does not outlive it. */
import { execFile, spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test, vi } from "vitest";
import { makeChain, runChain } from "../../../support/events/chains.ts";
import { eventually } from "../../../support/eventually.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";

const start_child = new URL("../../../../src/chain/isolation/start-child.ts", import.meta.url);

/** Starts the process of a plugin as an agent does. */
const starter = `import { writeFileSync } from "node:fs";
import { startChild } from ${JSON.stringify(start_child)};
const [, , orders, pid_file] = process.argv;
const { child } = startChild(() => undefined);
child.send({ kind: "start", orders: JSON.parse(orders), parent: process.pid });
writeFileSync(pid_file, String(child.pid));
`;

test("isolated step - its process ends with an agent that was killed, although its plugin loops", async () => {
  const directory = temporaryDirectory();
  const [file, loops, pid_file, start] = ["p.mjs", "loops", "pid", "start.mjs"].map((name) =>
    join(directory, name),
  ) as [string, string, string, string];
  const plugin = `import { writeFileSync } from "node:fs"; writeFileSync("${loops}", ""); for (;;);`;
  writeFileSync(file, plugin, { mode: 0o600 });
  writeFileSync(start, starter);
  const orders = { file, code: "", step: "p", plugin: "p", options: {}, outputs: [], folder: "/" };
  const agent = spawn(process.execPath, [start, JSON.stringify(orders), pid_file]);
  await eventually(() => existsSync(loops));
  const pid = Number(readFileSync(pid_file, "utf8"));
  expect(isDead(pid)).toBe(false);
  agent.kill("SIGKILL");
  await eventually(() => isDead(pid));
});

test("isolated step - where there is no descriptor left, the failure is reported and not thrown", async () => {
  const file = join(temporaryDirectory(), "full.mjs");
  writeFileSync(
    file,
    `import { openSync } from "node:fs";
    import { startChild } from ${JSON.stringify(start_child)};
    try { for (;;) openSync("/dev/null"); } catch {}
    console.log(startChild((code) => console.log(code)));`,
  );
  const command = 'ulimit -n 60 && exec "$0" "$1"';
  const { stdout } = await promisify(execFile)("sh", ["-c", command, process.execPath, file]);
  expect(stdout).toBe("undefined\nEMFILE\n");
});

test("isolated step - its process gets no secret of the environment, no file that is open, and nobody to report to", async () => {
  const code = `const { readdirSync, readlinkSync } = process.getBuiltinModule("node:fs");
    const open = readdirSync("/proc/self/fd").flatMap((fd) => {
      try { return [readlinkSync("/proc/self/fd/" + fd)]; } catch { return []; }
    });
    event.set("seen", [...Object.entries(process.env).flat(), ...process.argv, ...process.execArgv, ...open]);
    event.set("send", typeof process.send);`;
  const path = join(temporaryDirectory(), "held-open");
  const held = openSync(path, "w");
  vi.stubEnv("SPLUNK_HEC_TOKEN", "a-token");
  try {
    const plugin = `export default { name: "p", create: () => (event) => { ${code} return event; } };`;
    const steps = [{ p: {}, isolate: { timeout: "10s" } }];
    const chain = await makeChain(steps, { files: { "p.mjs": plugin } });
    const { event } = runChain(chain, "{}");
    const seen = event.get("seen") as string[];
    expect(seen).toContain("PATH");
    expect(seen).toContain("--disable-sigusr1");
    for (const kept of ["SPLUNK_HEC_TOKEN", "a-token", path]) expect(seen).not.toContain(kept);
    expect(event.get("send")).toBe("undefined");
    await chain.dispose();
  } finally {
    vi.unstubAllEnvs();
    closeSync(held);
  }
});

/** Whether nobody has asked yet how the process ended, where init does not. */
function isDead(pid: number): boolean {
  try {
    return / Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return true;
  }
}
