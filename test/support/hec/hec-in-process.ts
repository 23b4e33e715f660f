/**
 * A program: an HEC receiver with the name and the `listen` given, which prints a line of JSON for all that happens.
 * It stops after it has answered an event that says so.
 */
import { HecInput } from "../../../src/inputs/hec/hec-input.ts";
import { hecInputShape } from "../../../src/inputs/hec/options.ts";
import { systemClock } from "../../../src/platform/clock.ts";
import { InheritedSockets } from "../../../src/platform/sockets/inherited-listener.ts";
import { z } from "zod";
import { CollectedLog } from "../collected-log.ts";
import { MemoryIntake } from "../events/memory-intake.ts";

const [name = "", listen = "", token = ""] = process.argv.slice(2);
const options = z.strictObject(hecInputShape()).parse({ type: "hec", listen, tokens: [token] });
const log = new CollectedLog();
const intake = new MemoryIntake();
const inherited = new InheritedSockets(log);
const input = new HecInput(name, options, {
  clock: systemClock,
  log,
  inherited,
  origin: { input: name, metadata: {} },
});

intake.beforeAnswer = () => {
  for (const { text } of intake.events.splice(0)) {
    print({ event: text, pid: process.pid });
    if (text === "stop") {
      inherited.close();
      void input.stop();
    }
  }
  return undefined;
};

await input.start(intake);
print({ listening: log.of("hec_listening")[0]!.facts });

function print(fact: object): void {
  process.stdout.write(`${JSON.stringify(fact)}\n`);
}
