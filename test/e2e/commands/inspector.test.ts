/**
 * SIGUSR1, which makes Node open its inspector on a port that every local user may connect to.
 */
import { readFileSync, readlinkSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { writeConfig } from "../../support/agent-config.ts";
import { Daemon } from "../../support/daemon.ts";
import { long, sampledCases } from "../../support/effort.ts";
import { eventually } from "../../support/eventually.ts";
import { Splunk } from "../../support/splunk.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

/** Of /proc/PID/status: the bit of SIGUSR1. */
const usr1_bit = 1n << 9n;
const tcp_listen = "0A";

/** Whether the process blocks, ignores or handles SIGUSR1; until Node has begun, it would simply end it. */
function survivesSignal(pid: number): boolean {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  if (!/^Name:\t(node|MainThread)/m.test(status)) return false;
  const masks = [...status.matchAll(/^Sig(?:Blk|Ign|Cgt):\t(\w+)$/gm)];
  return masks.some(([, mask]) => (BigInt(`0x${mask}`) & usr1_bit) !== 0n);
}

/** The TCP sockets on which the process listens. */
function listening(pid: number): string[] {
  const inodes = new Set(
    readdirSync(`/proc/${pid}/fd`).map((fd) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1];
      } catch {
        return undefined;
      }
    }),
  );
  const lines = ["tcp", "tcp6"].flatMap((table) =>
    readFileSync(`/proc/${pid}/net/${table}`, "utf8").trimEnd().split("\n").slice(1),
  );
  return lines.filter((line) => {
    const fields = line.trim().split(/\s+/);
    return fields[3] === tcp_listen && inodes.has(fields[9]);
  });
}

const starts = [
  ["started as the unit does", {}],
  ["started without the flag", { NODE_OPTIONS: "" }],
] as const;

test.each(sampledCases(starts, 2))(
  "inspector - %s, SIGUSR1 at any time opens no port and ends nothing",
  long,
  async (_, environment) => {
    const directory = temporaryDirectory();
    const splunk = await Splunk.start();
    const file = writeConfig({ directory, url: splunk.url, paths: [join(directory, "audit.log")] });
    const daemon = Daemon.spawn(["run", "-c", file], environment);
    await eventually(() => survivesSignal(daemon.pid));
    const running = (): boolean => daemon.of("running").length > 0;
    while (!running() && daemon.alive) {
      daemon.signal("SIGUSR1");
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    for (let signal = 0; signal < 10; signal += 1) daemon.signal("SIGUSR1");
    await daemon.reload();
    expect(listening(daemon.pid)).toEqual([]);
    expect(await daemon.stop()).toBe(0);
    if (Object.keys(environment).length === 0) {
      expect(daemon.lines.join("\n")).not.toContain("Debugger listening");
    }
  },
);

test("inspector - wherever tallyman is started, Node gets the flag", () => {
  for (const [file, start] of [
    ["src/cli/main.ts", "#!/usr/bin/env -S node --disable-sigusr1\n"],
    ["src/cli/demo/agent-process.ts", '"--disable-sigusr1", process.argv[1]!, "run"'],

    [
      "systemd/tallyman.service",
      '\nEnvironment="NODE_OPTIONS=--max-semi-space-size=8 --disable-sigusr1"\n',
    ],
    [
      "systemd/tallyman@.service",
      '\nEnvironment="NODE_OPTIONS=--max-semi-space-size=8 --disable-sigusr1"\n',
    ],
  ] as const) {
    expect(readFileSync(file, "utf8"), file).toContain(start);
  }
});
