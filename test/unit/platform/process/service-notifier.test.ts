/** Telling the service manager: what it is told, by which program, and what happens where that does not work. */
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ServiceNotifier } from "../../../../src/platform/process/service-notifier.ts";
import { CollectedLog } from "../../../support/collected-log.ts";
import { eventually } from "../../../support/eventually.ts";
import { can_notify, NotifySocket } from "../../../support/sockets/notify-socket.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";

/** A directory for PATH with a `systemd-notify` in it that runs these lines of shell. */
function withProgram(...lines: string[]) {
  const directory = temporaryDirectory();
  const bin = join(directory, "bin");
  mkdirSync(bin);
  const program = join(bin, "systemd-notify");
  writeFileSync(program, `#!/bin/sh\ncd ${directory}\n${lines.join("\n")}\n`);
  chmodSync(program, 0o755);
  const log = new CollectedLog();
  const environment = { NOTIFY_SOCKET: "/run/notify", PATH: `${bin}:/usr/bin:/bin` };
  const notifierWith = (more: NodeJS.ProcessEnv = {}) =>
    ServiceNotifier.find(log, { ...environment, ...more })!;
  const told = () => readFileSync(join(directory, "told"), "utf8").trimEnd().split("\n");
  return { directory, log, notifierWith, told };
}

describe("service notifier", () => {
  test.each([{}, { NOTIFY_SOCKET: "" }])("service notifier - is none with %o", (environment) => {
    expect(ServiceNotifier.find(new CollectedLog(), environment)).toBeUndefined();
  });

  test.each([
    ["half a minute", { WATCHDOG_USEC: "30000000" }, 30_000],
    ["for this process", { WATCHDOG_USEC: "30000000", WATCHDOG_PID: "77" }, 30_000],
    ["for another process", { WATCHDOG_USEC: "30000000", WATCHDOG_PID: "78" }, undefined],
    ["off", {}, undefined],
    ["zero", { WATCHDOG_USEC: "0" }, undefined],
    ["no number", { WATCHDOG_USEC: "1e3" }, undefined],
  ])("service notifier - its watchdog: %s", (_what, environment, expected) => {
    const all = { NOTIFY_SOCKET: "/run/notify", ...environment };
    expect(ServiceNotifier.find(new CollectedLog(), all, 77)!.watchdog_ms).toBe(expected);
  });

  test("service notifier - runs one program at a time, and tells the latest of what came meanwhile", async () => {
    const { notifierWith, told, directory } = withProgram(
      `mkdir running || echo "two at a time" >> told`,
      `echo "$*" >> told`,
      `while [ ! -e go ]; do sleep 0.01; done`,
      `rmdir running`,
    );
    const notifier = notifierWith();
    notifier.notify({ READY: "1" });
    await eventually(() => existsSync(join(directory, "told")));
    notifier.notify({ STATUS: "one" });
    notifier.notify({ WATCHDOG: "1", STATUS: "two  words" });
    notifier.notify({ STOPPING: "1" });
    writeFileSync(join(directory, "go"), "");
    await notifier.sent();
    expect(told()).toEqual(["READY=1", "STATUS=two  words WATCHDOG=1 STOPPING=1"]);
  });

  test("service notifier - tells the beginning of a reload before its end, and each reload", async () => {
    const { notifierWith, told } = withProgram(`echo "$*" >> told`);
    const notifier = notifierWith();
    notifier.notify({ WATCHDOG: "1" });
    notifier.notify({ STATUS: "a" });
    notifier.notify({ RELOADING: "1", MONOTONIC_USEC: "5" });
    notifier.notify({ READY: "1" });
    notifier.notify({ STATUS: "b" });
    notifier.notify({ RELOADING: "1", MONOTONIC_USEC: "6" });
    notifier.notify({ READY: "1", STATUS: "c" });
    await notifier.sent();
    expect(told()).toEqual([
      "WATCHDOG=1",
      "STATUS=a",
      "RELOADING=1 MONOTONIC_USEC=5",
      "READY=1 STATUS=b",
      "RELOADING=1 MONOTONIC_USEC=6",
      "READY=1 STATUS=c",
    ]);
  });

  test("service notifier - its program gets nothing of the environment but the socket", async () => {
    const { notifierWith, told } = withProgram(`env >> told`);
    const notifier = notifierWith({ TOKEN: "S3cr3t", LISTEN_FDS: "1", WATCHDOG_USEC: "1" });
    notifier.notify({ READY: "1" });
    await notifier.sent();
    const names = told().map((line) => line.split("=")[0]);
    // The shell adds its own.
    const added = ["PWD", "OLDPWD", "SHLVL", "_"];
    const passed = names.filter((name) => !added.includes(name!));
    expect(new Set(passed)).toEqual(new Set(["NOTIFY_SOCKET", "PATH"]));
  });

  test("service notifier - where its program fails, that is logged once, and it is tried again", async () => {
    const { notifierWith, told, log } = withProgram(
      `echo "$*" >> told`,
      `echo no such bus >&2; exit 1`,
    );
    const notifier = notifierWith();
    notifier.notify({ READY: "1" });
    await notifier.sent();
    notifier.notify({ WATCHDOG: "1" });
    await notifier.sent();
    expect(told()).toEqual(["READY=1", "WATCHDOG=1"]);
    expect(log.lines).toMatchObject([{ level: "warn", facts: { error: "no such bus" } }]);
  });

  test("service notifier - where its program is missing, that is logged once", async () => {
    const { notifierWith, log } = withProgram("");
    const notifier = notifierWith({ PATH: temporaryDirectory() });
    notifier.notify({ READY: "1" });
    await notifier.sent();
    notifier.notify({ WATCHDOG: "1" });
    await notifier.sent();
    expect(log.lines).toMatchObject([{ level: "warn", facts: { error: "it is not installed" } }]);
  });

  test.runIf(can_notify)("service notifier - what it tells arrives as one message", async () => {
    const socket = await NotifySocket.open();
    const log = new CollectedLog();
    const notifier = ServiceNotifier.find(log, { ...process.env, NOTIFY_SOCKET: socket.path })!;
    notifier.notify({ READY: "1", STATUS: 'splunk: sending, "quoted" $HOME ünï' });
    await notifier.sent();
    await eventually(() => socket.messages.length > 0);
    expect(socket.messages).toEqual([["READY=1", 'STATUS=splunk: sending, "quoted" $HOME ünï']]);
    expect(log.lines).toEqual([]);
  });
});
