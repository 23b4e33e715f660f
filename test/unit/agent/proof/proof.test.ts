/** Seals are made in time, are in the written state before anybody gets them, and go out once, whatever cannot be written. */
import { expect, test } from "vitest";
import { Numbering } from "../../../../src/agent/lanes/numbering.ts";
import { Proof, type ProofDeps } from "../../../../src/agent/proof/proof.ts";
import { prepareSetup, type Setup } from "../../../../src/agent/setup/setup.ts";
import type { LogEvent } from "../../../../src/event/log-event.ts";
import { Ledger } from "../../../../src/ledger/ledger.ts";
import type { LedgerState } from "../../../../src/ledger/state.ts";
import { silentLogger } from "../../../../src/platform/log.ts";
import { bodyHash, type Seal } from "../../../../src/proof/format/seal.ts";
import { makeKeys } from "../../../support/proof/auditing.ts";
import { load } from "../../../support/configuration.ts";
import { eventually } from "../../../support/eventually.ts";
import { ManualClock } from "../../../support/clocks/manual-clock.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";

async function setupIn(state_dir: string): Promise<Setup> {
  const text = `state_dir: ${state_dir}
proof: { enabled: true, interval: 10s, index: seals }
inputs: { audit: { paths: [/a] } }
output: { url: "https://splunk:8088", token: abc }
`;
  return prepareSetup(await load(text), silentLogger);
}

/** A proof with a ledger, a journal and keys of its own. */
async function proofIn(directory: string) {
  const setup = await setupIn(directory);
  const clock = new ManualClock();
  const ledger = new Ledger();
  const bodies: string[] = [];
  const saver = {
    fails: false,
    saved: undefined as LedgerState | undefined,
    write: (): Promise<void> => {
      if (saver.fails) return Promise.reject(new Error("disk full"));
      const snapshot = ledger.snapshot();
      saver.saved = structuredClone(snapshot.state);
      ledger.saved(snapshot, true);
      return Promise.resolve();
    },
  };
  const unnumbered = {
    add: (event: LogEvent): void => {
      expect(event.metadata).toMatchObject({ sourcetype: "tallyman:seal", index: "seals" });
      const body = JSON.parse(event.text) as string;
      const { seal } = JSON.parse(body) as Seal;
      // The state knows which number is next before anybody has this one.
      const chain = saver.saved!.kept!.find(({ kept }) => kept === "proof chain")!;
      expect((chain.value as { next: number }).next).toBeGreaterThan(seal);
      bodies.push(body);
      event.block.receipt.settle(ledger.account("delivered", "splunk"), 1);
    },
    room: () => undefined,
    begin: () => undefined,
    idle: () => undefined,
  };
  const outputs = { default: { unnumbered }, number: () => undefined };
  const stop = new AbortController().signal;
  const downstream = { ledger, rooms: [], quarantine: {}, stop };
  const deps = { setup: () => setup, ledger, clock, log: silentLogger, saver, outputs, downstream };
  const numbering = new Numbering({ ledger, saver, outputs });
  const proof = await Proof.begin(deps as unknown as ProofDeps, numbering);
  const seals = (): Seal[] => bodies.map((body) => JSON.parse(body) as Seal);
  /** Lets seconds pass until so many seals are there. */
  const until = (count: number): Promise<void> =>
    eventually(() => {
      if (bodies.length < count) clock.pass(1000);
      return bodies.length >= count;
    });
  /** Lets a little time pass at each look until it is over: what waits on the same clock also gives up on it, and a disk may be slow. */
  const passing = async (work: Promise<void>): Promise<void> => {
    let is_over = false;
    void work.finally(() => (is_over = true));
    await eventually(() => {
      if (!is_over) clock.pass(1);
      return is_over;
    });
    await work;
  };
  const start = (): Promise<void> => passing(proof.start());
  const end = async (): Promise<void> => {
    await passing(proof.stop());
    await passing(proof.close());
  };
  return { proof, start, end, saver, clock, bodies, seals, until };
}

async function keysIn(): Promise<string> {
  const directory = temporaryDirectory();
  await makeKeys(directory);
  return directory;
}

test("proof - a seal comes at the start, in each interval, after a reload and at the stop", async () => {
  const { proof, start, end, bodies, seals, until } = await proofIn(await keysIn());
  await start();
  await until(2);
  proof.reloaded();
  await until(3);
  await until(4);
  await end();
  expect(seals().map(({ why }) => why)).toEqual([
    "start",
    "interval",
    "reload",
    "interval",
    "stop",
  ]);
  for (const [at, { seal, prev }] of seals().entries()) {
    expect([seal, prev]).toEqual([at, at === 0 ? "" : bodyHash(bodies[at - 1]!)]);
  }
});

test("proof - no seal goes out that the state does not have, and the same one does when it can", async () => {
  const { proof, start, end, saver, clock, seals, until } = await proofIn(await keysIn());
  await start();
  await until(1);
  saver.fails = true;
  proof.reloaded();
  for (let second = 0; second < 30; second += 1) {
    clock.pass(1000);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(seals()).toHaveLength(1);
  saver.fails = false;
  await until(2);
  await end();
  expect(seals().map(({ seal }) => seal)).toEqual(seals().map((_, at) => at));
  expect(seals()[1]!.why).toBe("reload");
});
