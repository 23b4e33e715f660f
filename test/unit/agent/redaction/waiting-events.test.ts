/** What a reload does with events that wait in outputs: who hands them over, what is done on the way, and what is reported. */
import { expect, test } from "vitest";
import {
  type WaitingReport,
  waitingSentences,
} from "../../../../src/admin/status/waiting-report.ts";
import type { Redaction } from "../../../../src/agent/redaction/redaction.ts";
import {
  WaitingEvents,
  type InputChain,
  type RenewableOutputs,
} from "../../../../src/agent/redaction/waiting-events.ts";
import type { Block } from "../../../../src/event/block.ts";
import { LogEvent } from "../../../../src/event/log-event.ts";
import { Scanner } from "../../../../src/event/scanner.ts";
import { Ledger } from "../../../../src/ledger/ledger.ts";
import type { Output } from "../../../../src/output/output.ts";
import { blockOf, redactionOf } from "../../../support/events/waiting.ts";

const password = { redact: { fields: ["password"] } };
const user = { redact: { fields: ["user"] } };

/** Outputs that hold what they were given, until they are replaced or a request of theirs fails. */
class Rig implements RenewableOutputs {
  readonly ledger = new Ledger();
  readonly sent: string[] = [];
  readonly quarantined: string[] = [];
  inputs: InputChain[];
  held_events = 0;
  replacements = 0;
  readonly waiting: WaitingEvents;
  readonly #held: Block[] = [];
  /** Of requests in flight: what hands their events over later. */
  readonly late: (() => void)[] = [];
  #in_flight = 0;

  constructor(first: InputChain[]) {
    this.inputs = first;
    this.waiting = new WaitingEvents({
      inputs: () => this.inputs,
      ledger: this.ledger,
      quarantine: {
        add: (event, { reason }) => void this.quarantined.push(`${event.text} ${reason}`),
      },
    });
  }

  hold(text: string): void {
    this.#held.push(blockOf([text], { ledger: this.ledger }));
  }

  /** Goes by other inputs; what was held last, `in_flight` of it, is handed over only when it fails. */
  async change(next: InputChain[], in_flight = 0): Promise<unknown> {
    this.#in_flight = in_flight;
    const prepared = await this.waiting.prepare(next, this, [], false);
    this.inputs = next;
    return prepared.use();
  }

  makeAll(): Map<string, Output> {
    return new Map();
  }

  replace(): void {
    this.replacements += 1;
    const successor = this.waiting.handed_over.before({
      add: (event) => void this.sent.push(event.text),
    });
    const give = (block: Block): void => successor.add(new LogEvent(block, 0, new Scanner([])));
    const blocks = this.#held.splice(0);
    for (const block of blocks.splice(blocks.length - this.#in_flight)) {
      this.held_events += 1;
      this.late.push(() => give(block));
    }
    for (const block of blocks) give(block);
  }
}

async function inputOf(chain: unknown[], other_steps: unknown = []): Promise<InputChain> {
  const redaction: Redaction = await redactionOf(chain);
  return { name: "a", redaction, other_steps };
}

test("waiting events - new redact steps are done on what outputs hand over, and the report counts it", async () => {
  const rig = new Rig([await inputOf([])]);
  for (const text of ['{"n":1,"password":"a"}', '{"n":2}']) rig.hold(text);
  expect(await rig.change([await inputOf([password])])).toEqual({
    events: 2,
    redacted: 2,
    changed: 1,
    journaled: 0,
    in_flight: 0,
    removed: 0,
    other_steps: false,
  });
  expect(rig.sent).toEqual(['{"n":1,"password":"[REDACTED]"}', '{"n":2}']);
});

test("waiting events - without new redact steps no output is replaced, and another chain is only reported", async () => {
  const rig = new Rig([await inputOf([password])]);
  rig.hold('{"n":1,"password":"a"}');
  expect(await rig.change([await inputOf([password])])).toBeUndefined();
  expect(await rig.change([await inputOf([password], ["stricter"])])).toMatchObject({
    events: 1,
    redacted: 0,
    other_steps: true,
  });
  expect(rig.replacements).toBe(0);
});

test("waiting events - a request in flight is reported, and what it does not deliver has all steps of the time when it fails", async () => {
  const rig = new Rig([await inputOf([])]);
  rig.hold('{"password":"a","user":"b"}');
  expect(await rig.change([await inputOf([password])], 1)).toMatchObject({
    events: 1,
    redacted: 0,
    in_flight: 1,
  });
  await rig.change([await inputOf([password, user])]);
  await rig.change([await inputOf([password, user])]);
  rig.late[0]!();
  expect(rig.sent).toEqual(['{"password":"[REDACTED]","user":"[REDACTED]"}']);
});

test("waiting events - what a step cannot read goes to quarantine, or is dropped and booked as its step says", async () => {
  const rig = new Rig([await inputOf([])]);
  rig.hold("password=a");
  await rig.change([await inputOf([password])]);
  expect(rig.quarantined).toEqual(["password=a unreadable:redact"]);
  const dropping = new Rig([await inputOf([])]);
  dropping.hold("password=a");
  const drop = { redact: { fields: ["password"], on_unreadable: "drop" } };
  await dropping.change([await inputOf([drop])]);
  expect(dropping.sent).toEqual([]);
  expect(dropping.ledger.books()).toMatchObject({
    balanced: true,
    total: { received: 1, dropped: 1, in_flight: 0 },
  });
});

test("waiting events - an input that was removed and comes back with more steps has them done on what still waits", async () => {
  const rig = new Rig([await inputOf([])]);
  rig.hold('{"password":"a"}');
  // It is said to be sent as it is; not so what tallyman itself has to say.
  rig.ledger.openStream("tallyman", {}, undefined).open(1, 1, undefined);
  const report = (await rig.change([])) as WaitingReport;
  expect(report).toMatchObject({ events: 0, removed: 1 });
  expect(waitingSentences(report)).toEqual([
    "1 event of removed inputs: no step of the new chain is applied.",
  ]);
  await rig.change([await inputOf([password])]);
  expect(rig.sent).toEqual(['{"password":"[REDACTED]"}']);
});
