/** The `stdout` output in the real process: into a pipe, a socket and a file, to a slow reader, and to one that ends. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, onTestFinished, test } from "vitest";
import { eventually } from "../../../support/eventually.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";

const main = new URL("../../../../src/cli/main.ts", import.meta.url).pathname;
const command = `"${process.execPath}" "${main}" run -c config.yaml`;
const lines = Array.from({ length: 20_000 }, (_, number) => {
  return `{"number":${number},"padding":"${"x".repeat(100)}"}\n`;
}).join("");

function makeDirectory(input = "piped: { type: stdin }"): string {
  const directory = temporaryDirectory();
  const config = `state_dir: state
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
  ["a pipe", `${command} < lines | cat > out`],
  ["a pipe with a slow reader", `${command} < lines | (sleep 1; cat) > out`],
  ["a file", `${command} < lines > out`],
  [
    "a file that is appended to",
    `printf '{"event":{"number":-1}}\\n' > out; ${command} < lines >> out`,
  ],
])("stdout - every event is a line in %s", (where, script) => {
  const directory = makeDirectory();
  const { status } = spawnSync("sh", ["-c", script], { cwd: directory, stdio: "ignore" });
  expect(status).toBe(0);
  const numbers = numbersIn(readFileSync(join(directory, "out"), "utf8"));
  const first = where.endsWith("appended to") ? -1 : 0;
  expect(numbers).toEqual(Array.from({ length: 20_000 - first }, (_, place) => place + first));
});

test("stdout - every event is a line in a socket", () => {
  const { status, stdout } = spawnSync("sh", ["-c", `exec ${command}`], {
    cwd: makeDirectory(),
    input: lines,
    encoding: "utf8",
    maxBuffer: 2 ** 26,
  });
  expect(status).toBe(0);
  expect(numbersIn(stdout)).toEqual([...Array(20_000).keys()]);
});

test("stdout - when its reader ends, the rest is kept, said loudly, and sent after the next start", async () => {
  const directory = makeDirectory("audit: { paths: [lines] }");
  const first = startPiped(directory, "head -n 100 > out");
  for await (const line of createInterface({ input: first.child.stderr })) {
    const { error } = JSON.parse(line) as { error?: string };
    if (error === "nobody reads standard output any more (EPIPE)") first.stop();
  }
  await first.closed;
  const seen = numbersIn(readFileSync(join(directory, "out"), "utf8"));
  expect(seen).toEqual([...Array(100).keys()]);
  const second = startPiped(directory, "cat > rest");
  second.child.stderr.resume();
  const rest = (): string => readFileSync(join(directory, "rest"), "utf8");
  await eventually(() => existsSync(join(directory, "rest")) && rest().includes('"number":19999,'));
  await eventually(() => rest().endsWith("\n"));
  second.stop();
  await second.closed;
  // What the pipe has taken counts as delivered, whether somebody has read it or not.
  const numbers = numbersIn(rest());
  expect(numbers).toEqual(numbers.map((_, place) => 20_000 - numbers.length + place));
  expect(numbers.length).toBeGreaterThan(10_000);
}, 60_000);

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
