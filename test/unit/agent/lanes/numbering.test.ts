/** Numbers over starts and reloads: what decides which ones events get is written before any event goes by it. */
import { describe, expect, test } from "vitest";
import { Numbering } from "../../../../src/agent/lanes/numbering.ts";
import { prepareSetup, type Setup } from "../../../../src/agent/setup/setup.ts";
import type { NamedOutput } from "../../../../src/config/outputs.ts";
import { Ledger } from "../../../../src/ledger/ledger.ts";
import type { LedgerState } from "../../../../src/ledger/state.ts";
import { silentLogger } from "../../../../src/platform/log.ts";
import { load } from "../../../support/configuration.ts";

async function setupOf(chain = "[]", enabled = true): Promise<Setup> {
  const output = `output: { url: "https://splunk:8088", token: abc }`;
  const text = `proof: { enabled: ${enabled} }\ninputs: { audit: { paths: [/a] } }\nchain: ${chain}\n${output}\n`;
  return prepareSetup(await load(text), silentLogger);
}

function numbering(state?: LedgerState) {
  const ledger = new Ledger(state);
  const written: LedgerState[] = [];
  const saver = {
    fails: false,
    write: (): Promise<void> => {
      if (saver.fails) return Promise.reject(new Error("disk full"));
      written.push(ledger.snapshot().state);
      return Promise.resolve();
    },
  };
  let numbered: (output: NamedOutput) => boolean = () => false;
  const outputs = { number: (wants: typeof numbered) => void (numbered = wants) };
  const made = new Numbering({ ledger, saver, outputs });
  const output = { options: { type: "splunk_hec" } } as NamedOutput;
  return { ledger, saver, written, numbering: made, isOn: () => numbered(output) };
}

test("numbering - writes the first epoch before any event has a number", async () => {
  const { numbering: made, written, isOn, ledger } = numbering();
  let was_written = true;
  const before = Math.floor(Date.now() / 1000);
  await made.start(await setupOf(), () => (was_written = written.length > 0));
  expect([was_written, written.length, isOn()]).toEqual([false, 1, true]);
  expect(written[0]!.epoch).toMatchObject({ is_repeatable: true });
  // No epoch of a state that is put back later has such a number.
  expect(written[0]!.epoch!.epoch).toBeGreaterThanOrEqual(before);
  expect(ledger.lanes.epoch.number).toBe(written[0]!.epoch!.epoch);
});

test("numbering - does nothing where nothing is numbered", async () => {
  const { numbering: made, written, isOn, ledger } = numbering();
  const setup = await setupOf("[]", false);
  await made.start(setup, () => undefined);
  const change = await made.change(setup, setup, () => Promise.resolve(() => 1));
  expect(change()).toBe(1);
  made.end();
  expect([written, isOn(), ledger.snapshot().state.epoch]).toEqual([[], false, undefined]);
});

test("numbering - does not start where that cannot be written", async () => {
  const { numbering: made, saver, isOn } = numbering();
  saver.fails = true;
  await expect(made.start(await setupOf(), () => undefined)).rejects.toMatchObject({
    code: "state_unwritable",
  });
  expect(isOn()).toBe(false);
});

describe("a reload", () => {
  test("numbering - is in the state before anything is prepared for it", async () => {
    const { numbering: made, written } = numbering();
    const [former, next] = [await setupOf(), await setupOf("[{ redact: { fields: [a] } }]")];
    await made.start(former, () => undefined);
    let seen: LedgerState | undefined;
    const change = await made.change(former, next, () => {
      seen = written.at(-1);
      return Promise.resolve(() => undefined);
    });
    expect(written).toHaveLength(2);
    expect(seen!.epoch).toMatchObject({ generation: 2, has_older: true });
    expect(seen!.epoch!.digest).not.toBe(written[0]!.epoch!.digest);
    change();
  });

  test.each(["cannot be written", "cannot be prepared"])(
    "numbering - that %s leaves all as it was, and no crash takes it for done",
    async (how) => {
      const { numbering: made, saver, ledger } = numbering();
      const [former, next] = [
        await setupOf(),
        await setupOf("[{ throttle: { events: 1, per: 1s } }]"),
      ];
      await made.start(former, () => undefined);
      const before = ledger.lanes.epoch.state!;
      ledger.openStream("audit", {}, 0).open(1, 1, 1);
      saver.fails = how === "cannot be written";
      const prepare = (): Promise<never> => Promise.reject(new Error("no"));
      await expect(made.change(former, next, prepare)).rejects.toThrow();
      expect(ledger.lanes.epoch.state).toMatchObject({
        digest: before.digest,
        is_repeatable: true,
        has_older: true,
      });
    },
  );
});

test("numbering - ends cleanly where nothing is open", async () => {
  const { numbering: made, ledger } = numbering();
  await made.start(await setupOf(), () => undefined);
  const { number } = ledger.lanes.epoch;
  made.end();
  const again = numbering(ledger.snapshot().state);
  // Another chain goes on with the numbers then.
  await again.numbering.start(await setupOf("[{ dedupe: { window: 1s } }]"), () => undefined);
  expect(again.ledger.lanes.epoch.number).toBe(number);
  expect(again.written).toHaveLength(1);
});
