/** Whether numbers go on after a restart: only where what is read again gets the same ones. */
import { describe, expect, test } from "vitest";
import { Epoch, type Beginning, type Behaviour } from "../../../../src/ledger/lanes/epoch.ts";
import type { EpochState } from "../../../../src/ledger/lanes/state.ts";

const started_ms = Date.parse("2026-11-29T10:00:00Z");
const behaviour: Behaviour = {
  agent: "host-a",
  digest: "d1",
  is_repeatable: true,
  booted_ms: started_ms,
};

/** A run that has begun, with what the state file has of the run before. */
function begun(state?: EpochState, given: Beginning | "off" = behaviour) {
  const epoch = new Epoch(state);
  const must_be_written = epoch.begin(given === "off" ? undefined : given);
  return { epoch, must_be_written };
}

/** What a run leaves that is killed with a block open. */
function killed(given: Behaviour = behaviour): EpochState {
  const { epoch } = begun(undefined, given);
  epoch.opened();
  return epoch.state!;
}

function stopped(given: Behaviour = behaviour): EpochState {
  const { epoch } = begun(undefined, given);
  epoch.passed(epoch.opened());
  epoch.end();
  return epoch.state!;
}

test("epoch - begins with 1, which is written before it is used", () => {
  const { epoch, must_be_written } = begun();
  expect([epoch.number, must_be_written, epoch.is_on]).toEqual([1, true, true]);
});

test("epoch - is none, and nothing is kept, where events are not numbered", () => {
  const epoch = new Epoch(undefined);
  expect(epoch.begin(undefined)).toBe(false);
  epoch.passed(epoch.opened());
  epoch.end();
  expect([epoch.is_on, epoch.state]).toEqual([false, undefined]);
});

describe("after a crash", () => {
  test("epoch - goes on where the same configuration makes the same events again", () => {
    const { epoch, must_be_written } = begun(killed());
    expect([epoch.number, must_be_written, epoch.has_resumed]).toEqual([1, false, true]);
  });

  test.each([
    ["the configuration is another one", { digest: "d2" }],
    ["the agent is called otherwise", { agent: "host-b" }],
    ["a step is not deterministic now", { is_repeatable: false }],
    ["the machine was started again", { booted_ms: started_ms + 3_600_000 }],
  ])("epoch - is another one where %s, and that is written first", (_, other) => {
    const { epoch, must_be_written } = begun(killed(), { ...behaviour, ...other });
    expect([epoch.number, must_be_written, epoch.has_resumed]).toEqual([2, true, false]);
  });

  test("epoch - goes on where the clock was set a little, or nobody had noted when the machine was started", () => {
    const later = { ...behaviour, booted_ms: started_ms - 5000 };
    expect(begun(killed(), later).epoch.number).toBe(1);
    expect(begun(killed({ ...behaviour, booted_ms: undefined })).epoch.number).toBe(1);
  });

  test("epoch - is another one where a step was not deterministic", () => {
    expect(begun(killed({ ...behaviour, is_repeatable: false })).epoch.number).toBe(2);
  });
});

test("epoch - goes on after a clean stop, whatever has changed but the agent's name and the machine's start", () => {
  const other = { ...behaviour, digest: "d2", is_repeatable: false };
  const { epoch, must_be_written } = begun(stopped(), other);
  expect([epoch.number, must_be_written, epoch.has_resumed]).toEqual([1, true, false]);
  expect(begun(stopped(), { ...behaviour, agent: "host-b" }).epoch.number).toBe(2);
  const later = { ...behaviour, booted_ms: started_ms + 3_600_000 };
  expect(begun(stopped(), later).epoch.number).toBe(2);
});

test("epoch - is no longer clean in the written state before the next run uses it", () => {
  const { epoch, must_be_written } = begun(stopped());
  expect([epoch.number, must_be_written, epoch.state?.is_clean]).toEqual([1, true, false]);
  // A crash and another configuration come next.
  expect(begun(epoch.state, { ...behaviour, digest: "d2" }).epoch.number).toBe(2);
});

test("epoch - has the time as its number, so that a state that is put back begins none that there was", () => {
  const least_epoch = 1_764_500_000;
  const { epoch } = begun(undefined, { ...behaviour, least_epoch });
  const backup = epoch.state!;
  expect([epoch.number, Object.keys(backup)]).toEqual([
    least_epoch,
    expect.not.arrayContaining(["least_epoch"]),
  ]);
  const put_back = { ...backup, is_clean: false, has_older: true };
  const numbers = [1, 2, 3].map((run) => {
    return begun(put_back, { ...behaviour, least_epoch: least_epoch + 100 * run }).epoch.number;
  });
  expect(new Set([least_epoch, ...numbers]).size).toBe(4);
  // The clock was set back.
  expect(begun(put_back, { ...behaviour, least_epoch: 5 }).epoch.number).toBe(least_epoch + 1);
});

test("epoch - is not clean where a block was left open", () => {
  const { epoch } = begun();
  epoch.opened();
  epoch.end();
  expect(epoch.state?.is_clean).toBe(false);
});

describe("a reload", () => {
  const next = { ...behaviour, digest: "d2" };

  test("epoch - goes on, but not over a crash while something older is open", () => {
    const { epoch } = begun();
    const older = epoch.opened();
    epoch.announce(next);
    expect(epoch.state).toMatchObject({ digest: "d2", has_older: true });
    expect(begun(epoch.state, next).epoch.number).toBe(2);
    epoch.use(next);
    expect([epoch.number, epoch.state?.has_older]).toEqual([1, true]);
    epoch.opened();
    epoch.passed(older);
    expect(epoch.state?.has_older).toBe(false);
    expect(begun(epoch.state, next).epoch.number).toBe(1);
    expect(begun(epoch.state).epoch.number).toBe(2);
  });

  test("epoch - is another one for what a crash in the middle of it leaves, though nothing was open", () => {
    const { epoch } = begun();
    epoch.announce(next);
    epoch.opened();
    expect(begun(epoch.state, next).epoch.number).toBe(2);
  });

  test("epoch - is another one after a crash, since not all may be read again that had numbers", () => {
    const { epoch } = begun(killed());
    epoch.announce(next);
    epoch.use(next);
    expect(epoch.number).toBe(2);
    epoch.announce(behaviour);
    epoch.use(behaviour);
    expect(epoch.number).toBe(2);
  });

  test("epoch - switches numbers off, and those after that are of another epoch", () => {
    const { epoch } = begun();
    epoch.announce(undefined);
    epoch.use(undefined);
    expect([epoch.is_on, epoch.state?.has_older]).toEqual([false, true]);
    expect(begun(epoch.state).epoch.number).toBe(2);
    epoch.announce(behaviour);
    epoch.use(behaviour);
    expect([epoch.is_on, epoch.number]).toEqual([true, 2]);
  });

  test("epoch - may number while numbers are to be switched on, and not where that comes to nothing", () => {
    const { epoch } = begun(undefined, "off");
    expect(epoch.may_number).toBe(false);
    epoch.announce(behaviour);
    expect([epoch.is_on, epoch.may_number, epoch.state?.has_older]).toEqual([false, true, true]);
    epoch.announce(undefined);
    epoch.use(undefined);
    expect(epoch.may_number).toBe(false);
  });

  test("epoch - switches numbers on, where blocks without numbers are open", () => {
    const { epoch } = begun(undefined, "off");
    epoch.opened();
    epoch.announce(behaviour);
    epoch.use(behaviour);
    expect([epoch.is_on, epoch.number, epoch.state?.has_older]).toEqual([true, 1, true]);
  });
});

test("epoch - is another one after a run without numbers that went on where a crash had left off", () => {
  const { epoch } = begun(killed(), "off");
  epoch.end();
  expect(begun(epoch.state).epoch.number).toBe(2);
  const clean = begun(stopped(), "off").epoch;
  clean.opened();
  clean.end();
  expect(begun(clean.state).epoch.number).toBe(1);
});
