/**
 * A program of its own that follows one file without root's rights, and prints what it reads and what it logs;
 * and how it stands, for every line that it is given.
 */
import { flushCompileCache } from "node:module";
import { FileInput } from "../../../src/inputs/file/file-input.ts";
import { fileInputOptions } from "../../../src/inputs/file/options.ts";
import { Ledger } from "../../../src/ledger/ledger.ts";
import { systemClock } from "../../../src/platform/clock.ts";
import type { LogFacts } from "../../../src/platform/log.ts";
import type { LogCode } from "../../../src/platform/log-codes/log-codes.ts";

const nobody = 65534;

async function run(path: string): Promise<void> {
  // While it may still write there: it is killed, and would be compiled again at each start.
  flushCompileCache();
  process.setgid!(nobody);
  process.setuid!(nobody);
  const print = (code: LogCode, facts: LogFacts): void =>
    console.log(JSON.stringify({ code, ...facts }));
  const log = { debug: print, info: print, warn: print, error: print };
  const options = fileInputOptions.parse({ type: "file", paths: [path], poll_interval: "20ms" });
  const ledger = new Ledger();
  const input = new FileInput("files", options, {
    ledger,
    clock: systemClock,
    log,
    origin: { metadata: {} },
  });
  await input.start({
    accept(block) {
      for (let number = 0; number < block.count; number += 1) {
        const text = block.bytes.toString("utf8", block.starts[number], block.ends[number]);
        console.log(`line ${text}`);
      }
      block.release();
      return undefined;
    },
    room: () => undefined,
    idle: () => undefined,
  });
  process.stdin.on("data", () => console.log(`status ${JSON.stringify(input.status().files)}`));
  process.stdin.once("end", () => void input.stop());
}

if (process.argv[2] !== undefined) await run(process.argv[2]);
