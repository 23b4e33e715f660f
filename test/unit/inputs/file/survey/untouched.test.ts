/** A start beside files that nobody has written to: these are not opened. What was written to meanwhile is found all the same. */
import { appendFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { FileIdentity } from "../../../../../src/inputs/file/files/identity.ts";
import type { LedgerState } from "../../../../../src/ledger/state.ts";
import { eventually } from "../../../../support/eventually.ts";
import { follow, type FollowingOptions } from "../../../../support/files/file-following.ts";
import { SurveyClock } from "../../../../support/clocks/survey-clock.ts";
import { temporaryDirectory } from "../../../../support/temporary.ts";

function identityIn({ streams }: LedgerState): FileIdentity {
  return streams[0]!.identity as FileIdentity;
}

/** Follows until what was read is known to be all that is there, for certain, and stops. */
async function settledState(options: FollowingOptions, count: number): Promise<LedgerState> {
  const following = await follow({ ...options, clock: new SurveyClock() });
  await following.lineCount(count);
  await eventually(() => identityIn(following.state()).settled_ms !== undefined);
  return following.stop();
}

describe("untouched", () => {
  it("a file that nobody has written to is not opened at a start, and is read on", async () => {
    const path = join(temporaryDirectory(), "audit.log");
    writeFileSync(path, "one\ntwo\n");
    const state = await settledState({ paths: [path] }, 2);
    const clock = new SurveyClock();
    const next = await follow({ paths: [path], state, clock });
    await clock.looks(3);
    expect(next.input.status().files).toMatchObject({
      open: 0,
      files: [{ state: "live", size_bytes: 8, read_bytes: 8, lag_bytes: 0 }],
    });
    appendFileSync(path, "three\n");
    await next.lineCount(1);
    await clock.looks(2);
    expect(next.lines).toEqual(["three"]);
  });

  it("nor is a compressed one that was read to its end", async () => {
    const path = join(temporaryDirectory(), "audit.log.1.gz");
    writeFileSync(path, gzipSync("one\ntwo\n"));
    const state = await settledState({ paths: [path] }, 2);
    const clock = new SurveyClock();
    const next = await follow({ paths: [path], state, clock });
    await clock.looks(3);
    expect(next.input.status().files).toMatchObject({ open: 0, files: [{ state: "finished" }] });
    expect(next.lines).toEqual([]);
  });

  it("one that was written to has no settled time until it is read to its end again", async () => {
    const path = join(temporaryDirectory(), "audit.log");
    writeFileSync(path, "one\n");
    const clock = new SurveyClock();
    const following = await follow({ paths: [path], clock });
    await eventually(() => identityIn(following.state()).settled_ms !== undefined);
    appendFileSync(path, "without an end");
    await eventually(() => identityIn(following.state()).size > 4);
    await clock.looks(2);
    expect(identityIn(following.state()).settled_ms).toBeUndefined();
  });

  it("one that was rewritten to the same length is read, though its time was set back", async () => {
    const path = join(temporaryDirectory(), "audit.log");
    writeFileSync(path, "one\ntwo\n");
    const state = await settledState({ paths: [path] }, 2);
    const { atime, mtime } = statSync(path);
    writeFileSync(path, "six\nten\n");
    utimesSync(path, atime, mtime);
    const next = await follow({ paths: [path], state });
    await next.lineCount(2);
    expect(next.lines).toEqual(["six", "ten"]);
  });

  it("a change that the time of change does not show is found with the next read", async () => {
    const path = join(temporaryDirectory(), "audit.log");
    writeFileSync(path, "one\ntwo\n");
    const state = await settledState({ paths: [path] }, 2);
    writeFileSync(path, "six\nten\n");
    // As where both changes come in one tick of the file system's clock.
    const { mtimeNs, ctimeNs } = statSync(path, { bigint: true });
    const times = { mtime_ms: Number(mtimeNs) / 1e6, settled_ms: Number(ctimeNs) / 1e6 };
    Object.assign(identityIn(state), times);
    const clock = new SurveyClock();
    const next = await follow({ paths: [path], state, clock });
    await clock.looks(3);
    appendFileSync(path, "new\n");
    await next.lineCount(3);
    expect(next.lines).toEqual(["six", "ten", "new"]);
  });
});
