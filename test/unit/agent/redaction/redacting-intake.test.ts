/** The way out of a journal: blocks pass as they are, unless their events have missed redact steps. */
import { expect, test } from "vitest";
import type { Redaction } from "../../../../src/agent/redaction/redaction.ts";
import { RedactingIntake } from "../../../../src/agent/redaction/redacting-intake.ts";
import type { Block } from "../../../../src/event/block.ts";
import { CollectedLog } from "../../../support/collected-log.ts";
import { systemClock } from "../../../../src/platform/clock.ts";
import { blockOf, redactionOf, textsOf } from "../../../support/events/waiting.ts";

class Rig {
  readonly given: Block[] = [];
  readonly log = new CollectedLog();
  readonly stopping = new AbortController();
  redaction: Redaction | undefined;
  readonly intake = new RedactingIntake({
    intake: { accept: (block) => void this.given.push(block), idle: () => undefined },
    input: "a",
    redaction: () => this.redaction,
    clock: systemClock,
    log: this.log,
    stop: this.stopping.signal,
  });

  get texts(): string[] {
    return this.given.flatMap((block) => textsOf(block));
  }
}

const texts = ['{"password":"a"}', '{"password":"b"}', '{"password":"c"}'];
const masked = '{"password":"[REDACTED]"}';

test("redacting intake - what has been through all steps, and what is of no input any more, passes as it is", async () => {
  const rig = new Rig();
  const block = blockOf(texts, { redacted: [{ from: 0, steps: "" }] });
  expect(rig.intake.accept(block)).toBeUndefined();
  rig.redaction = await redactionOf([{ redact: { fields: ["password"] } }]);
  const { steps } = rig.redaction;
  const covered = blockOf(texts, { redacted: [{ from: 0, steps }] });
  expect(rig.intake.accept(covered)).toBeUndefined();
  expect(rig.given).toEqual([block, covered]);
  expect(rig.log.codesAt("info")).toEqual([]);
});

test("redacting intake - the steps are done for the frames that have missed them, and that is reported once", async () => {
  const rig = new Rig();
  rig.redaction = await redactionOf([{ redact: { fields: ["password"] } }]);
  const { steps } = rig.redaction;
  const redacted = [
    { from: 0, steps: "" },
    { from: 1, steps },
    { from: 2, steps: "0123456789abcdef" },
  ];
  await rig.intake.accept(blockOf(texts, { redacted }));
  await rig.intake.accept(blockOf(texts, { redacted }));
  expect(rig.texts).toEqual([masked, texts[1], masked, masked, texts[1], masked]);
  expect(rig.log.codesAt("info")).toEqual(["journal_redacted_again"]);
});

test("redacting intake - nothing is given after a stop; it is read again at the next start", async () => {
  const rig = new Rig();
  rig.redaction = await redactionOf([{ redact: { fields: ["password"] } }]);
  const giving = rig.intake.accept(blockOf(texts, { redacted: [{ from: 0, steps: "" }] }));
  rig.stopping.abort();
  await giving;
  expect(rig.given).toEqual([]);
});
