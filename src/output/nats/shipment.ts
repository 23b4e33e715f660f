/** A batch on its way to the stream and beyond: what it is called, and how far it is. */
import type { Lane } from "../../ledger/lanes/lane.ts";
import { batchId, type BatchHead } from "../../platform/nats/batch-head.ts";
import type { Batch } from "../batch/batch.ts";

export interface Shipment {
  readonly batch: Batch;
  readonly lane: Lane;
  readonly first: number;
  readonly input: string;
  readonly id: string;
  /** Its checksum, once it was published. */
  sum: string | undefined;
  /** How often it was published under another id, since no receipt came. */
  repeats: number;
  /** How often nobody has answered when it was published. */
  unanswered: number;
  /** Where the stream has it, once it has. */
  stored_at: number | undefined;
  /** Monotonic: when it was stored last, and when that is too long ago. */
  stored_ms: number;
  first_stored_ms: number | undefined;
  due_ms: number;
  /** What an aggregator has said that does not take it; undefined while none has. */
  refusal: Refusal | undefined;
  /** Whether all of its events have their fate, or another output. */
  ended: boolean;
}

export interface Refusal {
  /** How often it was refused. */
  times: number;
  /** Wall clock: when it was refused first. */
  readonly since_ms: number;
  /** Monotonic: when it is published again; infinite once it was. */
  due_ms: number;
}

export type Packing = BatchHead["packing"];

/** Of a batch of one lane, whose events have consecutive numbers. */
export function shipmentOf(batch: Batch): Shipment {
  const { lane, number: first } = batch.place!;
  const { id, epoch } = lane;
  return {
    batch,
    lane,
    first,
    input: batch.input,
    id: batchId({ lane: id, epoch, first, count: batch.open }),
    sum: undefined,
    repeats: 0,
    unanswered: 0,
    stored_at: undefined,
    stored_ms: 0,
    first_stored_ms: undefined,
    due_ms: Infinity,
    refusal: undefined,
    ended: false,
  };
}

/** The two halves of what does not fit into a message; undefined of a single event. */
export function halvesOf(batch: Batch): Batch[] | undefined {
  if (batch.open < 2) return undefined;
  return [batch.split(batch.open >> 1), batch.split(batch.open)];
}
