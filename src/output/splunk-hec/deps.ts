/** What the `splunk_hec` output is made with, beside its name and its options. */
import type { Ledger } from "../../ledger/ledger.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Logger } from "../../platform/log.ts";
import type { BufferPools } from "../batch/buffer-pool.ts";
import type { Delivered } from "../delivered.ts";
import type { HecClientDeps, HecTransport } from "./endpoints/hec-client.ts";
import type { AckSupport } from "./endpoints/ack-support.ts";
import type { Quarantine } from "../quarantine/quarantine.ts";
import type { Totals } from "./delivery/status.ts";

export interface SplunkHecDeps {
  ledger: Ledger;
  /** Where an event goes that Splunk refuses for what it holds. */
  quarantine: Quarantine;
  clock: Clock;
  log: Logger;
  /** Of an output of the same name before this one, to be counted on. */
  totals?: Totals;
  /** The same. */
  delivered?: Delivered;
  /** Shared with other outputs. */
  pools?: BufferPools;
  /** Of an output of the same name before this one, where its token was the same. */
  ack_support?: AckSupport;
  /** Gives a number from 0 up to 1, for the jitter of waits. */
  random?: () => number;
  /** Makes what carries the requests, instead of a connection. */
  connect?: (deps: HecClientDeps) => HecTransport;
  /** Called when Splunk has refused an index that it was not known to refuse; its events are about to be put aside. */
  onIndexRefused?: () => void;
}
