/** The stdin input on pipes and files: it ends when they end and all is accepted. */
import { execFile } from "node:child_process";
import { createReadStream, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough, type Readable } from "node:stream";
import { promisify } from "node:util";
import { describe, expect, it, onTestFinished } from "vitest";
import { z } from "zod";
import { stdinInputShape } from "../../../../src/inputs/stdin/options.ts";
import { StdinInput } from "../../../../src/inputs/stdin/stdin-input.ts";
import { Ledger } from "../../../../src/ledger/ledger.ts";
import { systemClock } from "../../../../src/platform/clock.ts";
import { CollectedLog } from "../../../support/collected-log.ts";
import { long, sampledCases } from "../../../support/effort.ts";
import { eventually } from "../../../support/eventually.ts";
import { MemoryIntake } from "../../../support/events/memory-intake.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";

class StdinReceiving extends MemoryIntake {
  readonly log = new CollectedLog();
  readonly ledger = new Ledger();
  readonly input: StdinInput;
  state: "reading" | "ended" = "reading";

  constructor(source: Readable) {
    super();
    const options = z.strictObject(stdinInputShape()).parse({ type: "stdin" });
    this.input = new StdinInput("pipe", options, {
      ledger: this.ledger,
      clock: systemClock,
      log: this.log,
      origin: { input: "pipe", metadata: { sourcetype: "lines" } },
      open: () => source,
    });
    void this.input.ended.then(() => (this.state = "ended"));
    onTestFinished(() => this.input.stop());
  }
}

async function receiveFrom(source: Readable): Promise<StdinReceiving> {
  const receiving = new StdinReceiving(source);
  await receiving.input.start(receiving);
  return receiving;
}

describe("stdin", () => {
  it("stdin - a file's lines are delivered, and it has ended then", async () => {
    const file = join(temporaryDirectory(), "lines");
    const lines = Array.from({ length: 20_000 }, (_, number) => `${number} ${"x".repeat(100)}`);
    writeFileSync(file, lines.join("\n"));
    const receiving = await receiveFrom(createReadStream(file));
    await receiving.input.ended;
    expect(receiving.texts).toEqual(lines);
    const [first, last] = [receiving.events[0]!, receiving.events.at(-1)!];
    expect(first.metadata).toEqual({ source: "stdin", sourcetype: "lines" });
    expect(last.metadata.fields).toEqual({ tallyman_unfinished: true });
  });

  it("stdin - nothing at all is an end, too", async () => {
    const receiving = await receiveFrom(createReadStream("/dev/null"));
    await receiving.input.ended;
    expect(receiving.count).toBe(0);
  });

  it("stdin - has not ended before all is accepted", async () => {
    const source = new PassThrough();
    const receiving = new StdinReceiving(source);
    receiving.acceptance = "full";
    await receiving.input.start(receiving);
    let answers = 0;
    receiving.beforeAnswer = () => void (answers += 1);
    source.end("one\ntwo\n");
    await eventually(() => answers > 2);
    expect(receiving.state).toBe("reading");
    receiving.acceptance = "accepted";
    await receiving.input.ended;
    expect(receiving.texts).toEqual(["one", "two"]);
  });

  it("stdin - does not read on while nothing is accepted", async () => {
    const source = new PassThrough({ highWaterMark: 1000 });
    const receiving = new StdinReceiving(source);
    receiving.acceptance = "unavailable";
    await receiving.input.start(receiving);
    const line = Buffer.from(`${"x".repeat(999)}\n`);
    let lines = 0;
    while (lines < 10_000) {
      lines += 1;
      if (source.write(line)) continue;
      for (let round = 0; round < 20 && source.writableNeedDrain; round += 1) {
        await new Promise((resolve) => setImmediate(resolve));
      }
      if (source.writableNeedDrain) break;
    }
    expect(lines).toBeLessThan(3000);
    receiving.acceptance = "accepted";
    source.end();
    await receiving.input.ended;
    expect(receiving.count).toBe(lines);
  });

  it("stdin - stopping delivers what came in, and it has not ended", async () => {
    const source = new PassThrough();
    const receiving = await receiveFrom(source);
    source.write("one\ntw");
    await eventually(() => receiving.count === 1);
    await receiving.input.stop();
    expect(receiving.texts).toEqual(["one", "tw"]);
    expect(source.destroyed).toBe(true);
    expect(receiving.state).toBe("reading");
  });

  it("stdin - other metadata holds for what comes then", async () => {
    const source = new PassThrough();
    const receiving = await receiveFrom(source);
    source.write("one\ntw");
    await eventually(() => receiving.count === 1);
    receiving.input.describe({ metadata: { index: "audit" } });
    source.end("o");
    await receiving.input.ended;
    expect(receiving.events.map(({ metadata }) => metadata)).toEqual([
      { source: "stdin", sourcetype: "lines" },
      { source: "stdin", index: "audit", fields: { tallyman_unfinished: true } },
    ]);
  });

  it("stdin - a source that cannot be read is at its end, and that is logged", async () => {
    const receiving = await receiveFrom(createReadStream(temporaryDirectory()));
    await receiving.input.ended;
    expect(receiving.log.at("error").map(({ facts }) => facts["input"])).toEqual(["pipe"]);
  });
});

describe("standard input", () => {
  const program = join(import.meta.dirname, "../../../support/sockets/read-stdin.ts");
  const run = promisify(execFile);

  const sources: [name: string, command: string, lines: string[]][] = [
    ["a pipe", `printf 'one\\ntwo' | "$@"`, ["one", "two"]],
    ["a pipe that is written to slowly", `(echo one; sleep 0.1; echo two) | "$@"`, ["one", "two"]],
    ["a file", `printf 'one\\ntwo\\n' > lines; "$@" < lines`, ["one", "two"]],
    [
      "a terminal",
      `printf 'one\\ntwo\\n\\004' | script -qec "$1 $2" /dev/null | tail -n 1`,
      ["one", "two"],
    ],
    ["nothing", `"$@" < /dev/null`, []],
    ["closed", `"$@" <&-`, []],
  ];

  it.each(sampledCases(sources, 3))(
    "stdin - %s is read to its end",
    long,
    async (_, command, lines) => {
      const args = ["-c", command, "sh", process.execPath, program];
      const { stdout } = await run("sh", args, { cwd: temporaryDirectory() });
      expect(JSON.parse(stdout)).toEqual(lines);
    },
  );
});
