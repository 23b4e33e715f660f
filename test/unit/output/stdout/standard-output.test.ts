/** The `stdout` output in the real process: into a pipe, a socket and a file, to a slow reader, and to one that ends. */
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chownSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { describe, expect, onTestFinished, test } from "vitest";
import { is_long, long, longTest } from "../../../support/effort.ts";
import { eventually } from "../../../support/eventually.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";
import { main } from "../../../support/program.ts";

const command = `"${process.execPath}" "${main}" run -c config.yaml`;
/** On the disk that is full, 20,000 are more than what fits. */
const count = is_long ? 20_000 : 3000;
const lines = Array.from({ length: count }, (_, number) => {
  return `{"number":${number},"padding":"${"x".repeat(100)}"}\n`;
}).join("");

function makeDirectory(input = "piped: { type: stdin }"): string {
  const directory = temporaryDirectory();
  const config = `state_dir: state
lifecycle: { enabled: false }
inputs: { ${input} }
output: { type: stdout }
shutdown_timeout: 1s
`;
  writeFileSync(join(directory, "config.yaml"), config, { mode: 0o600 });
  writeFileSync(join(directory, "lines"), lines);
  return directory;
}

function numbersIn(text: string): number[] {
  expect(text.endsWith("\n")).toBe(true);
  const written = text.slice(0, -1).split("\n");
  return written.map((line) => (JSON.parse(line) as { event: { number: number } }).event.number);
}

test.each([
  [
    "a file that is appended to",
    `printf '{"event":{"number":-1}}\\n' > out; ${command} < lines >> out`,
  ],
  ...(is_long
    ? [
        ["a pipe with a slow reader", `${command} < lines | (sleep 1; cat) > out`],
        ["a pipe", `${command} < lines | cat > out`],
        ["a file", `${command} < lines > out`],
      ]
    : []),
] as [string, string][])("stdout - every event is a line in %s", long, (where, script) => {
  const directory = makeDirectory();
  const { status } = spawnSync("sh", ["-c", script], { cwd: directory, stdio: "ignore" });
  expect(status).toBe(0);
  const numbers = numbersIn(readFileSync(join(directory, "out"), "utf8"));
  const first = where.endsWith("appended to") ? -1 : 0;
  expect(numbers).toEqual(Array.from({ length: count - first }, (_, place) => place + first));
});

longTest("stdout - every event is a line in a socket", () => {
  const { status, stdout } = spawnSync("sh", ["-c", `exec ${command}`], {
    cwd: makeDirectory(),
    input: lines,
    encoding: "utf8",
    maxBuffer: 2 ** 26,
  });
  expect(status).toBe(0);
  expect(numbersIn(stdout)).toEqual([...Array(count).keys()]);
});

test(
  "stdout - when its reader ends, the rest is kept, said loudly, and sent after the next start",
  long,
  async () => {
    const directory = makeDirectory("audit: { paths: [lines] }");
    const first = startPiped(directory, "head -n 100 > out");
    for await (const line of createInterface({ input: first.child.stderr })) {
      const { error } = JSON.parse(line) as { error?: string };
      if (error === "standard output has no reader any more (EPIPE)") first.stop();
    }
    await first.closed;
    const seen = numbersIn(readFileSync(join(directory, "out"), "utf8"));
    expect(seen).toEqual([...Array(100).keys()]);
    const second = startPiped(directory, "cat > rest");
    second.child.stderr.resume();
    const rest = (): string => readFileSync(join(directory, "rest"), "utf8");
    await eventually(
      () => existsSync(join(directory, "rest")) && rest().includes(`"number":${count - 1},`),
    );
    await eventually(() => rest().endsWith("\n"));
    second.stop();
    await second.closed;
    // What the pipe has taken counts as delivered, whether somebody has read it or not.
    const numbers = numbersIn(rest());
    expect(numbers).toEqual(numbers.map((_, place) => count - numbers.length + place));
    expect(numbers.length).toBeGreaterThan(count / 2);
  },
);

longTest("stdout - /dev/null, which a closed standard output is, too, is said to lose all", () => {
  const directory = makeDirectory();
  const script = `${command} < lines 2> log >&-`;
  const { status } = spawnSync("sh", ["-c", script], { cwd: directory, stdio: "ignore" });
  expect(status).toBe(0);
  const log = readFileSync(join(directory, "log"), "utf8");
  expect(log.split("/dev/null")).toHaveLength(2);
});

describe.skipIf(process.getuid?.() !== 0)("as root", () => {
  longTest("stdout - a pipe of another user is written to", () => {
    const directory = makeDirectory();
    for (const name of ["", "config.yaml"]) chownSync(join(directory, name), 65534, 65534);
    const script = `setpriv --reuid 65534 --regid 65534 --clear-groups ${command} < lines | (sleep 1; cat) > out`;
    spawnSync("sh", ["-c", script], { cwd: directory, stdio: "ignore" });
    expect(numbersIn(readFileSync(join(directory, "out"), "utf8"))).toHaveLength(count);
  });

  longTest(
    "stdout - on a full disk no line is torn or comes twice when there is room again",
    async () => {
      const directory = makeDirectory();
      const full = temporaryDirectory();
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=16m", "tmpfs", full]);
      onTestFinished(() => {
        execFileSync("umount", ["-l", full]);
      });
      writeFileSync(join(full, "ballast"), Buffer.alloc(15 * 2 ** 20));
      const child = spawn("sh", ["-c", `exec ${command} < lines > "$1"`, "sh", join(full, "out")], {
        cwd: directory,
        stdio: ["ignore", "ignore", "pipe"],
      });
      const closed = once(child, "close");
      onTestFinished(() => {
        child.kill("SIGKILL");
      });
      for await (const line of createInterface({ input: child.stderr })) {
        if (line.includes("ENOSPC")) rmSync(join(full, "ballast"));
      }
      expect(await closed).toEqual([0, null]);
      const numbers = numbersIn(readFileSync(join(full, "out"), "utf8"));
      expect(numbers).toEqual([...Array(count).keys()]);
    },
  );
});

/** Runs tallyman with its standard output in a pipe. */
function startPiped(directory: string, reader: string) {
  const script = `sh -c 'echo $$ > pid; exec ${command}' | ${reader}`;
  const child = spawn("sh", ["-c", script], {
    cwd: directory,
    stdio: ["ignore", "ignore", "pipe"],
  });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  const stop = (): void => {
    process.kill(Number(readFileSync(join(directory, "pid"), "utf8")), "SIGTERM");
  };
  return { child, stop, closed: once(child, "close") };
}
