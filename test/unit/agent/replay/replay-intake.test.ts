/** A reload in the middle of a replay: what is read after it goes by the configuration that is in force then. */
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { ReplayIntake } from "../../../../src/agent/replay/replay-intake.ts";
import { ReplaySource } from "../../../../src/agent/replay/replay-source.ts";
import type { Setup } from "../../../../src/agent/setup/setup.ts";
import type { Block } from "../../../../src/event/block.ts";
import type { Intake } from "../../../../src/inputs/input.ts";
import { Ledger } from "../../../../src/ledger/ledger.ts";
import { extract } from "../../../../src/output/quarantine/extract.ts";
import { CollectedLog } from "../../../support/collected-log.ts";
import { quarantineLine, writeQuarantine } from "../../../support/quarantine/quarantine-lines.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";

const setups = ["former", "next", "last"].map((digest) => ({ digest }) as Setup);

/** Replays three events; `onEvent` is called with the text of each. Gives what each went through. */
async function replay(
  onEvent: (text: string, useSetup: (number: number) => void) => void,
  make: (setup: Setup, wanted: Intake) => Promise<Intake> = (_, wanted) => Promise.resolve(wanted),
): Promise<{ went: string[]; log: CollectedLog; ledger: Ledger }> {
  const directory = join(temporaryDirectory(), "quarantine");
  const lines = [1, 2, 3].map((number) => quarantineLine(number));
  writeQuarantine(directory, { "quarantine.jsonl": lines });
  await extract(directory, { action: "replay", selection: {}, with_masked: true });
  let in_force = setups[0]!;
  const went: string[] = [];
  const intakeOf = (setup: Setup): Intake => ({
    accept(block: Block) {
      const text = block.bytes.toString();
      went.push(`${text}: ${setup.digest}`);
      onEvent(text, (number) => (in_force = setups[number]!));
      return undefined;
    },
    room: () => undefined,
    idle: () => undefined,
  });
  const intake = await ReplayIntake.open(
    () => in_force,
    (setup) => make(setup, intakeOf(setup)),
  );
  const [ledger, log] = [new Ledger(), new CollectedLog()];
  const wayOf = () => Promise.resolve({ intake, origin: { metadata: {} } });
  const source = new ReplaySource({ directory, ledger, log, wayOf });
  onTestFinished(() => source.stop());
  await source.start();
  await source.ended;
  return { went, log, ledger };
}

test("replay - the rest goes through the chain of a reload that comes meanwhile", async () => {
  const { went } = await replay((text, useSetup) => {
    if (text === "event 1") useSetup(1);
  });
  expect(went).toEqual(["event 1: former", "event 2: next", "event 3: next"]);
});

test("replay - a reload while the chain is made counts, too", async () => {
  let reload = (): void => undefined;
  const { went } = await replay(
    (text, useSetup) => {
      if (text !== "event 1") return;
      useSetup(1);
      reload = () => useSetup(2);
    },
    (setup, wanted) => {
      if (setup === setups[1]) reload();
      return Promise.resolve(wanted);
    },
  );
  expect(went).toEqual(["event 1: former", "event 2: last", "event 3: last"]);
});

test("replay - where no chain can be made after a reload, nothing more is booked, and the log says so", async () => {
  const { went, log, ledger } = await replay(
    (text, useSetup) => {
      if (text === "event 1") useSetup(1);
    },
    (setup, wanted) =>
      setup === setups[1] ? Promise.reject(new Error("no chain")) : Promise.resolve(wanted),
  );
  expect(went).toEqual(["event 1: former"]);
  expect(log.of("replay_failed")[0]?.facts).toMatchObject({ error: "no chain" });
  expect(ledger.books().total.received).toBe(1);
});
