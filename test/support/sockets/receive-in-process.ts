/**
 * A program: a socket input at the path given, which prints a line of JSON for all that happens. It stops after an
 * event that says so.
 */
import { socketInputShape } from "../../../src/inputs/socket/options.ts";
import { SocketInput } from "../../../src/inputs/socket/socket-input.ts";
import { systemClock } from "../../../src/platform/clock.ts";
import { InheritedSockets } from "../../../src/platform/sockets/inherited-listener.ts";
import { z } from "zod";
import { CollectedLog } from "../collected-log.ts";
import { MemoryIntake } from "../events/memory-intake.ts";

const options = z.strictObject(socketInputShape()).parse({ type: "socket", path: process.argv[2] });
const log = new CollectedLog();
const intake = new MemoryIntake();
const inherited = new InheritedSockets(log);
const input = new SocketInput("apps", options, {
  ledger: { lose: (_, reason, bytes) => print({ lost: bytes, reason }) },
  clock: systemClock,
  log,
  inherited,
  origin: { input: "apps", metadata: {} },
});

intake.beforeAnswer = () => {
  for (const { text } of intake.events.splice(0)) {
    print({ event: text, pid: process.pid });
    if (text === "stop") void stop();
  }
  return undefined;
};

await input.start(intake);
print({ listening: log.of("socket_listening")[0]!.facts });

async function stop(): Promise<void> {
  inherited.close();
  await input.stop();
  print({ stopped: log.at("warn").map(({ code, facts }) => ({ code, ...facts })) });
}

function print(fact: object): void {
  process.stdout.write(`${JSON.stringify(fact)}\n`);
}
