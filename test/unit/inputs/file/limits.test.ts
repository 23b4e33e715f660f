/** Many files, few handles, unreadable files, and what is left after a stop. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  chmodSync,
  renameSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { CountingClock } from "../../../support/clocks/fast-clock.ts";
import { longTest, sampled } from "../../../support/effort.ts";
import { eventually } from "../../../support/eventually.ts";
import { FileFollowing, follow } from "../../../support/files/file-following.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";

/** Open descriptors of this process that lead into the directory. */
function openIn(directory: string): string[] {
  return readdirSync("/proc/self/fd").flatMap((descriptor) => {
    try {
      const path = readlinkSync(`/proc/self/fd/${descriptor}`);
      return path.startsWith(directory) ? [path] : [];
    } catch {
      return [];
    }
  });
}

describe("many files", () => {
  const many = (count: number): string => `many files - ${count} are followed with 64 handles`;
  sampled(many, { sample: 600, all: 2000 }, async (count) => {
    const directory = temporaryDirectory();
    const paths = Array.from({ length: count }, (_, number) => join(directory, `${number}.log`));
    for (const path of paths) writeFileSync(path, "one\ntwo\n");
    const following = await follow({ paths: [join(directory, "*.log")], max_open_files: 64 });
    let open_max = 0;
    following.onBlock = () => {
      if (following.blocks % 100 === 0) open_max = Math.max(open_max, openIn(directory).length);
    };
    await following.lineCount(2 * count);
    for (const path of paths) appendFileSync(path, "three\n");
    await following.lineCount(3 * count);
    expect(following.records.length).toBe(3 * count);
    // One more is open while it is being met or closed.
    expect(open_max).toBeLessThanOrEqual(64 + 8);
    expect(following.lost_bytes).toBe(0);
  });

  it("many files - a small one does not wait for a large one to be read", async () => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, "a.log"), `${"large".repeat(12)}\n`.repeat(100_000));
    for (let number = 0; number < 5; number += 1) {
      writeFileSync(join(directory, `b${number}.log`), "small\n");
    }
    const following = new FileFollowing({ paths: [join(directory, "*.log")] });
    onTestFinished(() => following.input.stop());
    let open = (): void => undefined;
    following.backpressure = new Promise((resolve) => (open = resolve));
    await following.input.start(following);
    following.backpressure = undefined;
    open();
    await eventually(() => following.blocks >= 12);
    const sources = new Set(following.records.slice(0, 15_000).map(({ source }) => source));
    expect(sources.size).toBe(6);
  });

  it("many files - deleted ones keep their handles beyond the limit while they are unread", async () => {
    const directory = temporaryDirectory();
    const following = await follow({ paths: [join(directory, "*.log")], max_open_files: 20 });
    let open = (): void => undefined;
    following.backpressure = new Promise((resolve) => (open = resolve));
    const paths = Array.from({ length: 20 }, (_, number) => join(directory, `${number}.log`));
    for (const path of paths) writeFileSync(path, `${path}\n`);
    const followed = (): number => following.log.of("file_followed").length;
    // Not by open handles: while a file is being met there is one more of it.
    await eventually(() => followed() === 20);
    expect(openIn(directory).length).toBe(20);
    for (const path of paths) unlinkSync(path);
    await following.polls(4);
    for (let number = 0; number < 3; number += 1) {
      writeFileSync(join(directory, `new${number}.log`), `new${number}\n`);
    }
    await eventually(() => followed() === 23);
    await following.polls(3);
    following.backpressure = undefined;
    open();
    await following.lineCount(23);
    expect(new Set(following.lines).size).toBe(23);
    expect(following.lost_bytes).toBe(0);
  });
});

describe("a stop", () => {
  it("a stop - leaves no handle and no timer, and delivers nothing more", async () => {
    const directory = temporaryDirectory();
    const path = join(directory, "audit.log");
    const clock = new CountingClock();
    writeFileSync(path, "one\n");
    const following = await follow({ paths: [path], clock });
    await following.lineCount(1);
    await following.stop();
    expect(openIn(directory)).toEqual([]);
    await eventually(() => clock.waiting === 0);
    appendFileSync(path, "two\n");
    await following.polls(3);
    expect(following.lines).toEqual(["one"]);
    await following.input.stop();
  });

  it("a stop - before a start does nothing", async () => {
    const following = new FileFollowing({ paths: ["/nowhere/audit.log"] });
    await expect(following.input.stop()).resolves.toBeUndefined();
  });
});

describe("permissions", () => {
  it.runIf(process.getuid?.() === 0)(
    "permissions - a file that may not be read is said once, and read when it may be",
    async () => {
      const directory = mkdtempSync(join(tmpdir(), "tallyman-test-"));
      chmodSync(directory, 0o777);
      const path = join(directory, "audit.log");
      writeFileSync(path, "one\n", { mode: 0o600 });
      const script = join(import.meta.dirname, "../../../support/files/follow-as-nobody.ts");
      const child = spawn(process.execPath, [script, path], { stdio: ["pipe", "pipe", "inherit"] });
      let output = "";
      child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
      await eventually(() => output.includes("EACCES"));
      chmodSync(path, 0o644);
      await eventually(() => output.includes("line one"));
      chmodSync(path, 0o600);
      appendFileSync(path, "two\n");
      await eventually(() => output.includes("line two"));
      child.stdin.end();
      await once(child, "exit");
      expect(output.match(/EACCES/g)).toHaveLength(1);
      expect(existsSync(path)).toBe(true);
    },
  );
});

describe("stress", () => {
  longTest("stress - a busy writer with rename rotation loses and repeats nothing", async () => {
    const directory = temporaryDirectory();
    const path = join(directory, "audit.log");
    writeFileSync(path, "");
    const following = await follow({ paths: [path] });
    const script = join(import.meta.dirname, "../../../support/files/rotating-writer.ts");
    const orders = {
      path,
      from: 0,
      to: 40_000,
      per_second: 20_000,
      rotate_every_ms: 200,
      keep: 3,
      mode: "rename",
    };
    const writer = spawn(process.execPath, [script, JSON.stringify(orders)], { stdio: "inherit" });
    await once(writer, "exit");
    await following.lineCount(40_000);
    await following.polls(8);
    expect(following.records.length).toBe(40_000);
    expect(new Set(following.lines).size).toBe(40_000);
    expect(following.lost_bytes).toBe(0);
  });

  it("stress - a file that is renamed back and forth is read once", async () => {
    const directory = temporaryDirectory();
    const path = join(directory, "audit.log");
    writeFileSync(path, "");
    const following = await follow({ paths: [path], rotate_wait: "10ms" });
    for (let round = 0; round < 40; round += 1) {
      renameSync(path, `${path}.1`);
      appendFileSync(`${path}.1`, `a${round}\n`);
      if (round % 4 === 0) await following.polls(1);
      renameSync(`${path}.1`, path);
      appendFileSync(path, `b${round}\n`);
    }
    await following.lineCount(80);
    await following.polls(4);
    expect(following.lines.length).toBe(80);
  });
});
