/** What aggregators answer: receipts, which settle batches, and refusals, which settle nothing. */
import { batchIdIn, readReceipt } from "../../platform/nats/batch-head.ts";
import { readRefusal, type RefusalText } from "../../platform/nats/refusal.ts";
import type { DeliveryNotes } from "./delivery-notes.ts";
import type { Shipment } from "./shipment.ts";
import type { Unconfirmed } from "./unconfirmed.ts";

export interface AnswersDeps {
  confirm: "delivery" | "stream";
  unconfirmed: Unconfirmed;
  notes: DeliveryNotes;
  /** Called with a batch that has got its receipt. */
  onReceipt: (shipment: Shipment) => void;
}

export class Answers {
  readonly #deps: AnswersDeps;
  receipts = 0;

  constructor(deps: AnswersDeps) {
    this.#deps = deps;
  }

  /** From whoever may send one. */
  receive(text: string): void {
    const refusal = readRefusal(text);
    if (refusal === undefined) this.#receipt(text);
    else this.#refusal(refusal);
  }

  #receipt(text: string): void {
    const { unconfirmed, notes, onReceipt } = this.#deps;
    const receipt = readReceipt(text);
    const shipment = receipt && unconfirmed.get(receipt.id);
    if (receipt !== undefined && shipment?.sum === receipt.sum) {
      this.receipts += 1;
      unconfirmed.confirmed(shipment);
      onReceipt(shipment);
      return;
    }
    // A batch that was published twice gets two receipts.
    if (receipt !== undefined && shipment === undefined) return;
    notes.say("receipt_refused", { id: shipment?.id });
  }

  #refusal({ id, lane, reason }: RefusalText): void {
    const { confirm, unconfirmed, notes } = this.#deps;
    const batch = batchIdIn(id);
    if (confirm === "stream") return notes.say("stored_batch_refused", { lane, batch, reason });
    const shipment = batch === undefined ? undefined : unconfirmed.get(batch);
    // It has its receipt since, or was published before the last start.
    if (batch !== undefined && shipment === undefined) return;
    if (shipment !== undefined) unconfirmed.refused(shipment);
    const { source, input } = shipment?.lane ?? { source: undefined, input: undefined };
    notes.say("batch_returned", { lane, batch, input, source, reason });
  }
}
