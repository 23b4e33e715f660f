/** The `stdout` output in the real process: into a pipe, a socket and a file, to a slow reader, and to one that ends. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, onTestFinished, test } from "vitest";
import type { Books } from "../../../../src/ledger/books.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";

const main = new URL("../../../../src/cli/main.ts", import.meta.url).pathname;
const command = `"${process.execPath}" "${main}" run -c config.yaml`;
const lines = Array.from({ length: 20_000 }, (_, number) => {
  return `{"number":${number},"padding":"${"x".repeat(100)}"}\n`;
}).join("");

function makeDirectory(): string {
  const directory = temporaryDirectory();
  const config =
    "state_dir: state\ninputs: { piped: { type: stdin } }\noutput: { type: stdout }\nshutdown_timeout: 1s\n";
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
  const directory = makeDirectory();
  const script = `echo $$ > pid; exec ${command} < lines`;
  const child = spawn("sh", ["-c", `sh -c '${script}' | head -n 100 > out`], {
    cwd: directory,
    stdio: ["ignore", "ignore", "pipe"],
  });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  const closed = once(child, "close");
  let received = 0;
  for await (const line of createInterface({ input: child.stderr })) {
    const { error, books } = JSON.parse(line) as { error?: string; books?: Books };
    if (error === "nobody reads standard output any more (EPIPE)") {
      process.kill(Number(readFileSync(join(directory, "pid"), "utf8")), "SIGTERM");
    }
    received = books?.total.received ?? received;
  }
  await closed;
  const seen = numbersIn(readFileSync(join(directory, "out"), "utf8"));
  expect(seen).toEqual([...Array(100).keys()]);
  const { status } = spawnSync("sh", ["-c", `${command} < /dev/null | cat > rest`], {
    cwd: directory,
    stdio: "ignore",
  });
  expect(status).toBe(0);
  const rest = numbersIn(readFileSync(join(directory, "rest"), "utf8"));
  // What the pipe has taken counts as delivered, whether somebody has read it or not.
  expect(rest.length).toBeGreaterThan(0);
  expect(rest).toEqual(rest.map((_, place) => received - rest.length + place));
}, 60_000);
