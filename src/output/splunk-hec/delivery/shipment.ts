/** A batch on its way, and what is known of it: which of its events may go in the next request. */
import type { Batch } from "../../batch/batch.ts";
import { Isolation } from "./isolation.ts";

export interface Shipment {
  readonly batch: Batch;
  readonly isolation: Isolation;
}

export function shipmentOf(batch: Batch): Shipment {
  return { batch, isolation: new Isolation(batch.events) };
}
