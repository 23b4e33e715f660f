/** A program: a stdin input on its standard input, which prints what it received as JSON when that has ended. */
import { z } from "zod";
import { stdinInputShape } from "../../../src/inputs/stdin/options.ts";
import { StdinInput } from "../../../src/inputs/stdin/stdin-input.ts";
import { systemClock } from "../../../src/platform/clock.ts";
import { silentLogger } from "../../../src/platform/log.ts";
import { MemoryIntake } from "../events/memory-intake.ts";

const options = z.strictObject(stdinInputShape()).parse({ type: "stdin" });
const intake = new MemoryIntake();
const input = new StdinInput("pipe", options, {
  ledger: { lose: () => undefined },
  clock: systemClock,
  log: silentLogger,
  origin: { input: "pipe", metadata: {} },
});
await input.start(intake);
await input.ended;
await input.stop();
process.stdout.write(JSON.stringify(intake.texts));
