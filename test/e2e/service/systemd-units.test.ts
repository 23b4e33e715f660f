/** The units in systemd/: that systemd takes them as they are, how much they leave open, and that they agree. */
import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { isInstalled } from "../../support/commands.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

const folder = join(import.meta.dirname, "../../../systemd");
const units = [
  "tallyman.service",
  "tallyman.socket",
  "tallyman-datagram.socket",
  "tallyman@.service",
];
const system_units = ["/usr/lib/systemd/system", "/lib/systemd/system"].find((each) =>
  existsSync(each),
);
/** The most that `systemd-analyze security` may score a service, from 0 (nothing open) to 10, times ten. */
const exposure_max = "15";

const textOf = (unit: string): string => readFileSync(join(folder, unit), "utf8");

/** A system with the units installed, and the programs that they name. */
function systemWith(unitTexts: ReadonlyMap<string, string>): string {
  const root = temporaryDirectory();
  const own = join(root, "etc/systemd/system");
  mkdirSync(own, { recursive: true });
  mkdirSync(join(root, "usr/bin"), { recursive: true });
  cpSync(system_units!, join(root, "usr/lib/systemd/system"), { recursive: true });
  for (const program of ["tallyman", "install"]) {
    writeFileSync(join(root, "usr/bin", program), "#!/bin/sh\n");
    chmodSync(join(root, "usr/bin", program), 0o755);
  }
  for (const [unit, text] of unitTexts) writeFileSync(join(own, unit), text);
  return root;
}

const shipped = new Map(units.map((unit) => [unit, textOf(unit)]));
const verified = [
  "tallyman.service",
  "tallyman.socket",
  "tallyman-datagram.socket",
  "tallyman@weka.service",
];

function analyze(root: string, ...args: string[]): { status: number | null; output: string } {
  const [command, ...rest] = args;
  const run = spawnSync("systemd-analyze", [command!, `--root=${root}`, ...rest], {
    encoding: "utf8",
  });
  return { status: run.status, output: run.stdout + run.stderr };
}

describe.runIf(isInstalled("systemd-analyze") && system_units !== undefined)("units", () => {
  test("units - systemd has nothing to say about them", () => {
    const checked = analyze(systemWith(shipped), "verify", "--man=no", ...verified);
    expect(checked).toEqual({ status: 0, output: "" });
  });

  test("units - a mistake in one would be found", () => {
    const text = textOf("tallyman.service").replace("WatchdogSec", "WatchDogSec");
    const root = systemWith(new Map([...shipped, ["tallyman.service", text]]));
    const { output } = analyze(root, "verify", "--man=no", ...verified);
    expect(output).toContain("WatchDogSec");
  });

  test.each(["tallyman.service", "tallyman@weka.service"])(
    "units - %s leaves little open",
    (unit) => {
      const options = ["--offline=true", "--no-pager", `--threshold=${exposure_max}`];
      const { status, output } = analyze(systemWith(shipped), "security", ...options, unit);
      expect(output).toContain(`Overall exposure level for ${unit}`);
      expect(status, output).toBe(0);
    },
  );
});

describe("units", () => {
  test("units - have nothing that ends Node, or keeps it from its logs", () => {
    const settings = textOf("tallyman.service").replaceAll(/^#.*$/gm, "");
    for (const fatal of ["MemoryDenyWriteExecute", "LimitAS", "PrivateUsers"]) {
      expect(settings).not.toContain(fatal);
    }
    // A filter that kills would kill Node for what it tries and can do without.
    expect(settings).toContain("SystemCallErrorNumber=EPERM");
  });

  test("units - run what a package installs, and tell through a process of its own", () => {
    const text = textOf("tallyman.service");
    expect(text).toContain("\nExecStart=/usr/bin/tallyman run -c /etc/tallyman/config.yaml\n");
    expect(text).toContain("\nNotifyAccess=all\n");
  });

  test("units - one of several instances differs from the only one in names alone", () => {
    const settingsOf = (unit: string) =>
      textOf(unit)
        .split("\n")
        .filter((line) => line !== "" && !line.startsWith("#"));
    const names: [string, string][] = [
      ["Description=tallyman,", "Description=tallyman %i,"],
      ["/etc/tallyman/config.yaml", "/etc/tallyman/%i/config.yaml"],
      ["/etc/tallyman/splunk_token", "/etc/tallyman/%i/splunk_token"],
      ["ConfigurationDirectory=tallyman", "ConfigurationDirectory=tallyman/%i"],
      ["StateDirectory=tallyman", "StateDirectory=tallyman-%i"],
      ["CacheDirectory=tallyman", "CacheDirectory=tallyman-%i"],
      ["RuntimeDirectory=tallyman", "RuntimeDirectory=tallyman-%i"],
      ["LogsDirectory=tallyman", "LogsDirectory=tallyman-%i"],
    ];
    const expected = settingsOf("tallyman.service").map((line) =>
      names.reduce((so_far, [from, to]) => so_far.replace(from, to), line),
    );
    expect(settingsOf("tallyman@.service")).toEqual(expected);
  });
});
