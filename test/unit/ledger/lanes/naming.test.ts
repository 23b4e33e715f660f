/** Who sends waits until the state that is written names all lanes that there are, and no longer. */
import { describe, expect, test } from "vitest";
import { Naming } from "../../../../src/ledger/lanes/naming.ts";

function written() {
  const naming = new Naming();
  const asked: string[] = [];
  naming.onNew = () => void asked.push("write");
  return { naming, asked };
}

/** Whether it is over now. */
async function isOver(waiting: Promise<void> | undefined): Promise<boolean> {
  return Promise.race([(waiting ?? Promise.resolve()).then(() => true), Promise.resolve(false)]);
}

describe("naming", () => {
  test("naming - a lane is named by a state that is taken after it, not by one before", async () => {
    const { naming, asked } = written();
    naming.taken();
    naming.add();
    naming.add();
    expect(asked).toEqual(["write"]);
    const waiting = naming.pending;
    naming.ended();
    expect(naming.pending).toBe(waiting);
    naming.taken();
    expect(naming.is_urgent).toBe(false);
    expect(naming.pending).toBe(waiting);
    naming.add();
    const later = naming.pending;
    naming.ended();
    await waiting;
    expect([await isOver(later), naming.is_urgent]).toEqual([false, true]);
    naming.taken();
    naming.ended();
    await later;
    expect(naming.pending).toBeUndefined();
  });

  test("naming - nobody waits where nobody writes, or does not any more", async () => {
    const alone = new Naming();
    alone.add();
    expect(alone.pending).toBeUndefined();
    const { naming } = written();
    naming.add();
    const waiting = naming.pending;
    naming.close();
    await waiting;
    naming.add();
    expect(naming.pending).toBeUndefined();
  });
});
