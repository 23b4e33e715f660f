/** What others keep in the state file: the last value of each name, and nothing that could not be written is forgotten. */
import { expect, test } from "vitest";
import { Ledger } from "../../../../src/ledger/ledger.ts";
import { StateFile } from "../../../../src/ledger/state-file.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";

test("kept values - are in the state file with what was written last, and gone when they are deleted", async () => {
  const file = new StateFile(temporaryDirectory());
  const ledger = new Ledger();
  ledger.kept.set("a", { n: 1 });
  ledger.kept.set("b", [2]);
  await file.save(ledger);
  ledger.kept.set("a", { n: 3 });
  ledger.kept.delete("b");
  ledger.kept.delete("never");
  ledger.onTake = () => ledger.kept.set("c", "taken");
  await file.save(ledger);
  const kept = (await file.read())?.kept;
  expect(kept).toEqual([
    { kept: "a", value: { n: 3 } },
    { kept: "c", value: "taken" },
  ]);
  const again = new Ledger(await file.read());
  expect([again.kept.get("a"), again.kept.get("b")]).toEqual([{ n: 3 }, undefined]);
  expect([...again.kept.all()]).toEqual(kept);
});

test("kept values - that could not be written are written the next time, as they are then", () => {
  const { kept } = new Ledger();
  kept.set("a", 1);
  kept.set("b", 1);
  const taken = kept.take();
  kept.set("a", 2);
  kept.delete("b");
  kept.takeBack(taken);
  expect(kept.take()).toEqual([{ kept: "a", value: 2 }, { kept: "b" }]);
  expect(kept.take()).toEqual([]);
});
