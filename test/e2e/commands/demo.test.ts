/**
 * `tallyman demo` as somebody meets it who has just cloned the repository: to its end, interrupted, and piped.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, onTestFinished, test } from "vitest";
import { errorCodes } from "../../../src/platform/errors.ts";
import { longTest } from "../../support/effort.ts";
import { blocksOf } from "../../support/documents/blocks.ts";
import { has_nats } from "../../support/nats/cluster.ts";
import { temporaryDirectory } from "../../support/temporary.ts";
import { main } from "../../support/program.ts";

interface Demo {
  child: ChildProcess;
  /** What it has said so far. */
  said: () => string;
  exited: Promise<number | null>;
  /** Where its own directory is made. */
  temporary: string;
}

/** Starts the demo in a process group of its own, as a shell does. */
function startDemo(
  args: string[] = [],
  temporary = temporaryDirectory(),
  more: NodeJS.ProcessEnv = {},
): Demo {
  const env = { ...process.env, ...more, TMPDIR: temporary };
  const child = spawn(process.execPath, [main, "demo", ...args], { env, detached: true });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => (said += text));
  }
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  const exited = new Promise<number | null>((resolve) => child.once("close", resolve));
  return { child, said: () => said, exited, temporary };
}

async function untilItSays(demo: Demo, text: string): Promise<void> {
  while (!demo.said().includes(text)) {
    const more = new Promise((resolve) => demo.child.stdout!.once("data", resolve));
    await Promise.race([more, demo.exited]);
    const { exitCode, signalCode } = demo.child;
    if (exitCode !== null || signalCode !== null) throw new Error(`the demo ended: ${demo.said()}`);
  }
}

/** The lines of the README's sample of what the demo prints. */
function sampleOfReadme(): string[] {
  const sample = blocksOf("README.md").find(({ text }) => text.includes("What was sent differs"));
  expect(sample).toBeDefined();
  return withoutDigits(sample!.text);
}

/** Numbers, ids and signatures are others each time. */
function withoutDigits(text: string): string[] {
  return text
    .replaceAll(/\b(?=\w*\d)[0-9a-f]+\b/g, "N")
    .split("\n")
    .map((line) => line.replaceAll(/ +/g, " "));
}

/** What Ctrl-C in a terminal does: the signal goes to the whole process group. */
function pressCtrlC({ child }: Demo): void {
  process.kill(-child.pid!, "SIGINT");
}

test("demo - shows an event before and after, and books that balance, and leaves nothing behind", async () => {
  const demo = startDemo();
  expect(await demo.exited).toBe(0);
  const said = demo.said();
  expect(said).toMatch(/^ {4}….*"requestHeader":\{"Authorization":"$/m);
  expect(said).toMatch(/^ {2}- AWS4-HMAC-SHA256 Credential=/m);
  expect(said).toMatch(/^ {2}\+ \[REDACTED\]$/m);
  expect(said).toMatch(/^ {4}","User-Agent":/m);
  expect(said).toMatch(/^[\d,]+ events and 1 rotation in /m);
  expect(said).toContain("The books balance");
  expect(sampleOfReadme().filter((line) => !withoutDigits(said).includes(line))).toEqual([]);
  // It is read in a pipe as on a narrow terminal.
  expect(said).not.toContain("\u001b");
  expect(said.split("\n").filter((line) => line.length > 80)).toEqual([]);
  expect(readdirSync(demo.temporary)).toEqual([]);
});

longTest("demo - with --keep, Ctrl-C ends it with the books", async () => {
  const demo = startDemo(["--keep"]);
  await untilItSays(demo, "press Ctrl-C to stop");
  pressCtrlC(demo);
  expect(await demo.exited).toBe(0);
  expect(demo.said()).toContain("The books balance");
  expect(readdirSync(demo.temporary)).toEqual([]);
});

longTest("demo - Ctrl-C before its end leaves nothing behind either", async () => {
  const demo = startDemo();
  await untilItSays(demo, "tallyman demo");
  pressCtrlC(demo);
  expect(await demo.exited).toBe(1);
  expect(demo.said()).toContain("interrupted");
  expect(readdirSync(demo.temporary)).toEqual([]);
});

longTest("demo - ends quietly when nobody reads on", async () => {
  const demo = startDemo();
  await untilItSays(demo, "tallyman demo");
  demo.child.stdout!.destroy();
  await demo.exited;
  expect(demo.said()).not.toContain("EPIPE");
  expect(readdirSync(demo.temporary)).toEqual([]);
});

longTest("demo - says what is wrong with the temporary directory", async () => {
  const demo = startDemo([], "/nowhere");
  const { exit, remedy } = errorCodes.demo_failed;
  expect(await demo.exited).toBe(exit);
  expect(demo.said()).toMatch(/^tallyman: the demo needs a directory in \/nowhere: /);
  expect(demo.said()).toContain(remedy);
});

describe.runIf(has_nats)("demo of a fleet", () => {
  longTest("one of each is killed, the books balance, and nothing is left behind", async () => {
    const demo = startDemo(["--fleet"]);
    expect(await demo.exited).toBe(0);
    const said = demo.said();
    for (const killed of ["n\\d, which leads the stream", "aggregator-1", "agent-1"])
      expect(said).toMatch(new RegExp(`kill -9 of ${killed}`));
    expect(said).toMatch(/^agent-1 +\w{8}\.\d+ +[\d,]+ +[\d,]+ +0 +[\d,]+ +0$/m);
    expect(said).toContain("The books of 2 agents and 2 aggregators agree in 2 lanes.");
    expect(said).toContain("The books balance: nothing is missing.");
    expect(said.split("\n").filter((line) => line.length > 80)).toEqual([]);
    expectNothingLeft(demo);
  });

  longTest(
    "Ctrl-C ends all servers, agents and aggregators, and leaves nothing behind",
    async () => {
      const demo = startDemo(["--fleet"]);
      await untilItSays(demo, "the stream is made");
      pressCtrlC(demo);
      expect(await demo.exited).toBe(1);
      expect(demo.said()).toContain("interrupted");
      expectNothingLeft(demo);
    },
  );
});

test("demo of a fleet - says what to install where nats-server is missing", async () => {
  const demo = startDemo(["--fleet"], temporaryDirectory(), { PATH: temporaryDirectory() });
  expect(await demo.exited).toBe(errorCodes.demo_failed.exit);
  expect(demo.said()).toContain("apt-get install nats-server");
  expectNothingLeft(demo);
});

/** No file, and no process that was started with one. */
function expectNothingLeft({ temporary }: Demo): void {
  expect(readdirSync(temporary)).toEqual([]);
  const running = readdirSync("/proc").filter((name) => {
    try {
      return readFileSync(`/proc/${name}/cmdline`, "utf8").includes(temporary);
    } catch {
      return false;
    }
  });
  expect(running).toEqual([]);
}
