/**
 * A program: inputs of the type and options given (JSON), one after the other on a socket that was handed over. An event
 * "next" has the input be replaced, after a while in which there is none; "leave" has none come after it; "stop" ends the
 * program. It prints a line of JSON for all that happens.
 */
import { z } from "zod";
import { HecInput } from "../../../src/inputs/hec/hec-input.ts";
import { hecInputShape } from "../../../src/inputs/hec/options.ts";
import { socketInputShape } from "../../../src/inputs/socket/options.ts";
import { SocketInput, type HandedClient } from "../../../src/inputs/socket/socket-input.ts";
import { Ledger } from "../../../src/ledger/ledger.ts";
import { systemClock } from "../../../src/platform/clock.ts";
import { InheritedSockets } from "../../../src/platform/sockets/inherited-listener.ts";
import { CollectedLog } from "../collected-log.ts";
import { MemoryIntake } from "../events/memory-intake.ts";

const gap_ms = 400;
const given = JSON.parse(process.argv[2]!) as { type: string };
const log = new CollectedLog();
const inherited = new InheritedSockets(log);
const ledger = new Ledger();
const intake = new MemoryIntake();
const services = {
  ledger,
  clock: systemClock,
  log,
  inherited,
  origin: { input: "apps", metadata: {} },
};
let number = 0;
let input = make();

function make(handed: readonly HandedClient[] = []): SocketInput | HecInput {
  if (given.type === "hec") {
    return new HecInput("apps", z.strictObject(hecInputShape()).parse(given), services);
  }
  const options = z.strictObject(socketInputShape()).parse(given);
  return new SocketInput("apps", options, { ...services, handed });
}

async function next(): Promise<void> {
  const handed = await leave();
  await systemClock.sleep(gap_ms);
  number += 1;
  input = make(handed);
  await input.start(intake);
  print({ started: number });
}

async function leave(): Promise<readonly HandedClient[] | undefined> {
  const handed = (await input.handOver()) ?? undefined;
  print({ gap: number });
  return handed;
}

async function stop(): Promise<void> {
  inherited.close();
  await input.stop();
  print({ stopped: ledger.books().total.lost_bytes });
}

intake.beforeAnswer = () => {
  for (const { text } of intake.events.splice(0)) {
    print({ event: text, by: number });
    if (text === "next") setImmediate(() => void next());
    if (text === "leave") setImmediate(() => void leave());
    if (text === "stop") setImmediate(() => void stop());
  }
  return undefined;
};

await input.start(intake);
print({ started: number });

function print(fact: object): void {
  process.stdout.write(`${JSON.stringify(fact)}\n`);
}
