/** Lists in files that change while conditions use them: what is read again, when, and what stays where that fails. */
import { chmodSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Chain } from "../../../../src/chain/chain.ts";
import type { Timer } from "../../../../src/platform/clock.ts";
import { complaintsAbout, makeChain, runChain } from "../../../support/events/chains.ts";
import { CollectedLog } from "../../../support/collected-log.ts";
import { eventually } from "../../../support/eventually.ts";
import { ManualClock } from "../../../support/clocks/manual-clock.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";

const look_ms = 5000;

interface Watched {
  readonly file: string;
  readonly chain: Chain;
  readonly log: CollectedLog;
  /** Whether anybody looks at the file some time later. */
  readonly isWatched: () => boolean;
  /** Lets as much time pass as so many looks need, and waits for each. */
  readonly looks: (count: number) => Promise<void>;
}

/** A chain that drops the users in a file. */
async function watched(text: string, condition = "user in file"): Promise<Watched> {
  const file = join(temporaryDirectory(), "list.txt");
  writeFileSync(file, text, { mode: 0o644 });
  const clock = new CountingClock();
  const log = new CollectedLog();
  const drop = condition.endsWith(")")
    ? condition.replace("FILE", file)
    : `${condition}("${file}")`;
  const chain = await makeChain([{ filter: { drop } }], {
    log,
    clock,
    directories: [dirname(file)],
  });
  return {
    file,
    chain,
    log,
    isWatched: () => clock.alarms > 0,
    looks: async (count) => {
      for (let look = 0; look < count; look += 1) {
        const { timers } = clock;
        clock.pass(look_ms);
        await eventually(() => clock.timers > timers);
      }
    },
  };
}

/** Counts how often somebody asked to be called later, after each look one time more. */
class CountingClock extends ManualClock {
  timers = 0;

  override after(delay_ms: number, callback: () => void): Timer {
    this.timers += 1;
    return super.after(delay_ms, callback);
  }
}

function isDropped({ chain }: Watched, user: string): boolean {
  return runChain(chain, JSON.stringify({ user })).outcome === "filtered filter";
}

describe("lists in files", () => {
  test("lists - a file that has changed is read again, once it stays as it is", async () => {
    const it = await watched("ann\n");
    expect(isDropped(it, "ann")).toBe(true);
    writeFileSync(it.file, "ann\nbob\n");
    await it.looks(1);
    // Whoever writes it may not have finished.
    expect(isDropped(it, "bob")).toBe(false);
    await it.looks(1);
    expect([isDropped(it, "ann"), isDropped(it, "bob")]).toEqual([true, true]);
    expect(it.log.of("list_read")).toMatchObject([{ facts: { file: it.file, values: 2 } }]);
    await it.looks(3);
    expect(it.log.of("list_read")).toHaveLength(1);
    await it.chain.dispose();
  });

  test("lists - a file that is replaced by another of the same size is read again", async () => {
    const it = await watched("ann\n");
    writeFileSync(`${it.file}.new`, "bob\n");
    renameSync(`${it.file}.new`, it.file);
    await it.looks(2);
    expect([isDropped(it, "ann"), isDropped(it, "bob")]).toEqual([false, true]);
    await it.chain.dispose();
  });

  test("lists - the last values stay where the file is gone, empty, not text, too long, or a link that leads elsewhere", async () => {
    const it = await watched("ann\n");
    const spoil: [() => void, string][] = [
      [() => rmSync(it.file), "does not exist"],
      [() => writeFileSync(it.file, "# none\n"), "holds no values any more"],
      [() => writeFileSync(it.file, Buffer.of(0xff, 0xfe, 0x41)), "is not UTF-8 text"],
      [() => writeFileSync(it.file, "ann\n".repeat(2 ** 20 + 1)), "is longer than 4MiB"],
    ];
    const elsewhere = join(temporaryDirectory(), "list.txt");
    writeFileSync(elsewhere, "eve\n");
    spoil.push([
      () => {
        rmSync(it.file);
        symlinkSync(elsewhere, it.file);
      },
      "is not in a directory that this host allows",
    ]);
    for (const [change, reason] of spoil) {
      change();
      await it.looks(3);
      expect(isDropped(it, "ann"), reason).toBe(true);
      expect(it.chain.lists).toMatchObject([{ path: it.file, count: 1 }]);
      expect(it.chain.lists[0]!.trouble).toContain(reason);
      const lines = it.log.of("list_unreadable");
      expect(lines.at(-1)).toMatchObject({ facts: { file: it.file, values: 1 } });
      expect(lines.at(-1)!.facts["reason"]).toContain(reason);
    }
    expect(it.log.of("list_unreadable")).toHaveLength(spoil.length);
    rmSync(it.file);
    writeFileSync(it.file, "bob\n");
    await it.looks(2);
    expect([isDropped(it, "ann"), isDropped(it, "bob")]).toEqual([false, true]);
    expect(it.chain.lists[0]!.trouble).toBeUndefined();
    await it.chain.dispose();
  });

  test("lists - networks stay where a line is none, which is named", async () => {
    const it = await watched("10.0.0.0/8\n", "ip_in(user, file('FILE'))");
    writeFileSync(it.file, "10.0.0.0/8\n\n192.168.0.0/33\n");
    await it.looks(2);
    expect(it.chain.lists[0]!.trouble).toMatch(/^is wrong in line 3; a line is a network/);
    // The file may be another one than was meant.
    expect(it.log.text).not.toContain("192.168");
    expect(isDropped(it, "10.0.0.1")).toBe(true);
    await it.chain.dispose();
  });

  test("lists - nothing looks at the file when the chain is done", async () => {
    const it = await watched("ann\n");
    await it.chain.dispose();
    writeFileSync(it.file, "bob\n");
    expect(it.isWatched()).toBe(false);
    expect(it.log.lines).toEqual([]);
  });

  test("lists - one file that several conditions name is read once", async () => {
    const file = join(temporaryDirectory(), "list.txt");
    writeFileSync(file, "ann\n", { mode: 0o644 });
    const drop = [`a in file("${file}")`, `b in file("${file}")`];
    const chain = await makeChain([{ filter: { drop } }, { filter: { drop } }]);
    expect(chain.lists).toHaveLength(1);
    await chain.dispose();
  });

  test("lists - one that cannot be read is a mistake at its condition", async () => {
    const drop = 'user in file("/nowhere/users.txt")';
    expect(await complaintsAbout([{ filter: { drop } }])).toMatchObject([
      {
        path: ["chain", 0, "filter", "drop"],
        message:
          "this condition is wrong at character 14: the file /nowhere/users.txt does not exist",
      },
    ]);
  });

  test("lists - one that others may write is a warning", async () => {
    const file = join(temporaryDirectory(), "list.txt");
    writeFileSync(file, "ann\n");
    chmodSync(file, 0o666);
    const chain = await makeChain([{ filter: { drop: `user in file("${file}")` } }]);
    expect(chain.warnings).toMatchObject([
      { message: expect.stringContaining("others may write to it") as string },
    ]);
    await chain.dispose();
  });
});
