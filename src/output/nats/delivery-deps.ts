/** How batches are delivered to a stream, and what it takes. */
import type { NamingLedger } from "../../ledger/lanes/naming.ts";
import type { Clock } from "../../platform/clock.ts";
import type { LogFacts, Logger } from "../../platform/log.ts";
import type { Batch } from "../batch/batch.ts";
import type { Delivered } from "../delivered.ts";
import type { Publisher } from "./publisher.ts";
import type { Shares } from "./shares.ts";
import type { Packing } from "./shipment.ts";

export interface DeliveryOptions {
  readonly confirm: "delivery" | "stream";
  readonly max_in_flight: number;
  readonly packing: Packing;
  readonly receipt_timeout_ms: number;
}

export interface DeliveryDeps {
  publisher: Publisher;
  /** Has all counted that has not ended. */
  shares: Shares;
  ledger: NamingLedger;
  delivered: Delivered;
  clock: Clock;
  log: Logger;
  logged: LogFacts;
  /** How long no server has been reached. */
  unreached_ms: () => number;
  /** Takes the only event of a batch that is too large for any message out of it. */
  quarantine: (batch: Batch, detail: string) => void;
  /** Called when there is more room, or another batch may go. */
  onProgress: () => void;
  /** Called with the buffer of a batch that is kept under compression alone. */
  onCompressed: (buffer: Buffer) => void;
  /** Called with a batch none of whose events is open any more. */
  onEnded: (batch: Batch) => void;
}
