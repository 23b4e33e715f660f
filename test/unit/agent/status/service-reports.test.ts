/** What systemd is told of an agent, and when. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished, expect, test } from "vitest";
import { ServiceReports } from "../../../../src/agent/status/service-reports.ts";
import { closeBooks, emptyBooks } from "../../../../src/ledger/books.ts";
import { ServiceNotifier } from "../../../../src/platform/process/service-notifier.ts";
import { CollectedLog } from "../../../support/collected-log.ts";
import { eventually } from "../../../support/eventually.ts";
import { ManualClock } from "../../../support/clocks/manual-clock.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";

/** Reports on an agent whose books a test writes, through a program that notes what it is told. */
function setUp(environment: NodeJS.ProcessEnv = {}) {
  const state_dir = temporaryDirectory();
  const bin = join(state_dir, "bin");
  mkdirSync(bin);
  const file = join(state_dir, "told");
  writeFileSync(
    join(bin, "systemd-notify"),
    `#!/bin/sh\nprintf '%s;' "$@" >> ${file}\necho >> ${file}\n`,
    {
      mode: 0o755,
    },
  );
  writeFileSync(file, "");
  const PATH = `${bin}:/usr/bin:/bin`;
  const all = { NOTIFY_SOCKET: "/run/notify", PATH, ...environment };
  const notifier = ServiceNotifier.find(new CollectedLog(), all)!;
  const counts = { received: 0, in_flight: 0 };
  const status = () => ({
    books: closeBooks({ audit: { ...emptyBooks(), ...counts } }),
    outputs: new Map(),
    digest: "",
    reload: undefined,
  });
  const clock = new ManualClock();
  const reports = new ServiceReports({ notifier, agent: { status }, state_dir, clock });
  onTestFinished(() => reports.end());
  const told = () => readFileSync(file, "utf8").split("\n").slice(0, -1);
  /** Lets time pass until one more message is told, and gives it. More may be by then, where the program is slow. */
  const next = async (milliseconds: number) => {
    const before = told().length;
    await eventually(() => {
      clock.pass(milliseconds);
      return told().length > before;
    });
    await notifier.sent();
    return told()[before];
  };
  return { reports, notifier, counts, clock, told, next };
}

test("service reports - begin with READY and a line, and say that all works", async () => {
  const { notifier, told, next } = setUp({ WATCHDOG_USEC: "60000000" });
  await notifier.sent();
  expect(told()).toEqual(["READY=1;STATUS=0 events/s, received 0, in flight 0;"]);
  // Nothing is new but that it works.
  expect(await next(10_000)).toBe("WATCHDOG=1;");
});

test("service reports - tell of a reload's beginning, with the machine's clock, and of its end", async () => {
  const { reports, notifier, told } = setUp();
  await notifier.sent();
  const uptime_usec = (): number =>
    Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]) * 1e6;
  const before = uptime_usec();
  reports.reloading();
  reports.reloaded();
  await notifier.sent();
  expect(told()).toHaveLength(3);
  const [, usec] = /^RELOADING=1;MONOTONIC_USEC=(\d+);$/.exec(told()[1]!)!;
  // The uptime is in hundredths of a second.
  expect(Number(usec)).toBeGreaterThanOrEqual(before - 10_000);
  expect(Number(usec)).toBeLessThanOrEqual(uptime_usec() + 10_000);
  expect(told()[2]).toBe("READY=1;");
});

test("service reports - without a watchdog, say something only where there is news", async () => {
  const { notifier, told, counts, clock, next } = setUp();
  await notifier.sent();
  for (let report = 0; report < 10; report += 1) {
    clock.pass(10_000);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await notifier.sent();
  expect(told()).toHaveLength(1);
  counts.received = 50;
  counts.in_flight = 50;
  expect(await next(10_000)).toMatch(/^STATUS=\d+ events\/s, received 50, in flight 50;$/);
});

test("service reports - say for how long nothing has moved", async () => {
  const { notifier, counts, next, told, clock } = setUp();
  await notifier.sent();
  counts.received = 1;
  counts.in_flight = 1;
  await next(10_000);
  await eventually(() => {
    clock.pass(10_000);
    return told().at(-1)!.includes("no progress for 1 min");
  });
  counts.in_flight = 0;
  await eventually(() => {
    clock.pass(10_000);
    return told().at(-1)!.endsWith("received 1, in flight 0;");
  });
});

test("service reports - end with STOPPING, and no more after it", async () => {
  const { reports, notifier, told, clock } = setUp({ WATCHDOG_USEC: "60000000" });
  await notifier.sent();
  reports.stopping(30_000);
  await reports.end();
  expect(told().at(-1)).toBe("STOPPING=1;EXTEND_TIMEOUT_USEC=60000000;");
  clock.pass(60_000);
  await notifier.sent();
  expect(told()).toHaveLength(2);
});
