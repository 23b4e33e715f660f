/** Reloads: one at a time, the last word counts, and what is refused changes nothing. */
import { expect, test } from "vitest";
import { Reloads, type ReloadOutcome } from "../../../../src/agent/setup/reloads.ts";
import type { Setup } from "../../../../src/agent/setup/setup.ts";
import { TallymanError } from "../../../../src/platform/errors.ts";
import { CollectedLog } from "../../../support/collected-log.ts";
import { ManualClock } from "../../../support/clocks/manual-clock.ts";

function setupOf(digest: string): Setup {
  return { config: { file: "/etc/tallyman/config.yaml" }, inputs: [], digest } as unknown as Setup;
}

/** Reloads of what `text` is at that moment; each is loaded and applied when the test says so. */
function makeReloads() {
  const state = {
    text: "a",
    in_force: setupOf("a"),
    refuse: undefined as unknown,
    refuse_apply: undefined as unknown,
  };
  const told: string[] = [];
  const log = new CollectedLog();
  let gate = Promise.resolve();
  const reloads = new Reloads({
    setup: () => state.in_force,
    load: async () => {
      const { text } = state;
      await gate;
      if (state.refuse !== undefined) throw state.refuse;
      return setupOf(text);
    },
    apply: async (next) => {
      if (state.refuse_apply !== undefined) throw state.refuse_apply;
      told.push(`applies ${next.digest}`);
      state.in_force = next;
    },
    discard: async ({ digest }) => void told.push(`discards ${digest}`),
    onBegin: () => told.push("begins"),
    onEnd: async ({ digest }: ReloadOutcome) => void told.push(`ends with ${digest}`),
    clock: new ManualClock(),
    log,
  });
  const hold = (): (() => void) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    gate = promise;
    return resolve;
  };
  return { state, told, log, reloads, hold };
}

/** As makeReloads, of an agent that has started. */
function setUp() {
  const made = makeReloads();
  made.reloads.open();
  return made;
}

test("reloads - several that come at once are two: the one under way, and one with the last word", async () => {
  const { state, told, reloads, hold } = setUp();
  const release = hold();
  state.text = "b";
  const first = reloads.request();
  state.text = "c";
  const others = [reloads.request(), reloads.request(), reloads.request()];
  release();
  expect(await first).toMatchObject({ previous_digest: "a", digest: "b" });
  for (const other of others) {
    expect(await other).toMatchObject({ previous_digest: "b", digest: "c" });
  }
  expect(told).toEqual([
    "begins",
    "applies b",
    "ends with b",
    "begins",
    "applies c",
    "ends with c",
  ]);
  expect(await reloads.request()).toMatchObject({ digest: "c" });
});

test("reloads - one that is refused changes nothing, says why, and the next may be applied", async () => {
  const { state, told, reloads, log } = setUp();
  state.text = "b";
  state.refuse = new TallymanError("config_invalid", "it has one mistake.", {
    complaints: [{ path: [], file: "config.yaml", line: 3, column: 5, message: "no such key" }],
  });
  const outcome = await reloads.request();
  expect(outcome).toMatchObject({
    previous_digest: "a",
    digest: "a",
    refusal: { code: "config_invalid", message: "it has one mistake." },
  });
  expect(reloads.last).toBe(outcome);
  expect(told).toEqual(["begins", "ends with a"]);
  expect(log.text).toContain("config.yaml:3:5: no such key");
  state.refuse = undefined;
  expect((await reloads.request())?.refusal).toBeUndefined();
  expect(reloads.last).toMatchObject({ digest: "b" });
});

test("reloads - those that are asked for while tallyman starts wait until it has", async () => {
  const { told, reloads } = makeReloads();
  const asked = reloads.request();
  await Promise.resolve();
  expect(told).toEqual([]);
  reloads.open();
  expect(await asked).toMatchObject({ digest: "a" });
  const never = makeReloads();
  const without = never.reloads.request();
  await never.reloads.close();
  expect(await without).toBeUndefined();
});

test("reloads - what is no TallymanError is a bug, and is thrown", async () => {
  const { state, reloads } = setUp();
  state.refuse = new RangeError("a bug");
  await expect(reloads.request()).rejects.toThrow("a bug");
});

test("reloads - while tallyman stops, the one under way comes to nothing, and there are no others", async () => {
  const { state, told, reloads, hold } = setUp();
  const release = hold();
  state.text = "b";
  const first = reloads.request();
  const next = reloads.request();
  // It does not wait for what is being loaded.
  await reloads.close();
  release();
  expect((await first)?.refusal?.message).toBe("tallyman is stopping");
  expect(await next).toBeUndefined();
  expect(await reloads.request()).toBeUndefined();
  expect(told).not.toContain("applies b");
  expect(told).toContain("discards b");
});

test("reloads - what cannot be applied is discarded", async () => {
  const { state, told, reloads } = setUp();
  state.text = "b";
  state.refuse_apply = new TallymanError("reload_impossible", "state_dir is another.");
  expect((await reloads.request())?.refusal?.code).toBe("reload_impossible");
  expect(told).toEqual(["begins", "discards b", "ends with a"]);
});
