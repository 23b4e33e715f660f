/**
 * Gives the events of a request the fate that Splunk's answer means: delivered, promised an acknowledgement, or
 * quarantined; or has their batch set aside.
 */
import type { PendingAck, Acknowledgements } from "./acknowledgements.ts";
import type { Batch } from "../../batch/batch.ts";
import type { Delivered } from "../../delivered.ts";
import type { Parking } from "./parking.ts";
import type { RefusedEvents } from "./refused-events.ts";
import type { Decision, Narrowing } from "../answers/response.ts";
import type { Shipment } from "./shipment.ts";
import type { Totals } from "./status.ts";

/**
 * An event that is refused alone goes to quarantine only while Splunk takes others: when this many in a row were
 * refused, it is not the events (a gateway that breaks bodies, a wrong setting), and all is kept and tried again.
 */
const quarantined_in_a_row_max = 16;

/** A request that was answered: with the first `count` events of the shipment that had no fate. */
export interface Answered {
  readonly shipment: Shipment;
  readonly count: number;
  readonly promise: PendingAck | undefined;
}

export interface FatesDeps {
  delivered: Delivered;
  totals: Totals;
  acknowledgements: Acknowledgements;
  parking: Parking;
  refused: RefusedEvents;
}

export class Fates {
  readonly #deps: FatesDeps;
  /** Events that were refused alone since Splunk last took one. */
  #quarantined_in_a_row = 0;

  constructor(deps: FatesDeps) {
    this.#deps = deps;
  }

  /** Does what the answer to a request says; says so where the batch is set aside now. */
  carryOut(decision: Decision, { shipment, count, promise }: Answered): "parked" | undefined {
    const { parking } = this.#deps;
    const { batch, isolation } = shipment;
    if (decision.kind !== "delivered") batch.shared = true;
    if (tellsApart(decision) && !batch.unpack()) {
      isolation.open = 0;
      parking.passed(shipment);
      return undefined;
    }
    switch (decision.kind) {
      case "delivered":
        this.#taken(shipment, count, promise);
        break;
      case "retry":
      case "pause":
      case "blocked":
        if (decision.taken > 0) this.#taken(shipment, decision.taken, promise);
        if (decision.scope === "endpoint") return undefined;
        parking.park(shipment, decision);
        return "parked";
      case "quarantine":
        if (this.#quarantined_in_a_row >= quarantined_in_a_row_max) {
          isolation.doubt();
          parking.park(shipment, { ...decision, kind: "blocked" }, "doubted");
          return "parked";
        }
        this.#quarantined_in_a_row += 1;
        this.refuse(shipment, decision);
        break;
      case "isolate":
      case "bisect":
      case "halve":
        this.#settle(batch, isolation.refused(count, decision), promise);
    }
    parking.passed(shipment);
    return undefined;
  }

  /** Splunk has taken the first `count` events of the batch that have no fate. */
  #taken(shipment: Shipment, count: number, promise: PendingAck | undefined): void {
    const { batch, isolation } = shipment;
    isolation.taken(count);
    this.#settle(batch, count, promise);
    if (isolation.found !== undefined) this.refuse(shipment, isolation.found);
  }

  #settle(batch: Batch, count: number, promise: PendingAck | undefined): void {
    if (count === 0) return;
    this.#quarantined_in_a_row = 0;
    if (promise === undefined) this.book(batch, count);
    else this.#deps.acknowledgements.add(batch.part(count), promise);
  }

  /** Books the first `count` events of the batch that have no fate as delivered. */
  book(batch: Batch, count: number): void {
    const { totals, delivered } = this.#deps;
    totals.events += count;
    totals.bytes += batch.bytesOf(count);
    batch.settle(delivered, count);
  }

  /** Splunk refuses the first event of the batch that has no fate. */
  refuse({ batch, isolation }: Shipment, refusal: Narrowing): void {
    isolation.quarantined();
    this.#deps.refused.take(batch, refusal);
  }
}

/** Whether not all events of the request have the same fate. */
function tellsApart(decision: Decision): boolean {
  switch (decision.kind) {
    case "delivered":
      return false;
    case "retry":
    case "pause":
    case "blocked":
      return decision.taken > 0;
    case "isolate":
    case "bisect":
    case "halve":
    case "quarantine":
      return true;
    default:
      return decision satisfies never;
  }
}
