/**
 * What the sources of a configuration are made from.
 */
import type { Ledger } from "../../ledger/ledger.ts";
import type { Clock } from "../../platform/clock.ts";
import type { InheritedSockets } from "../../platform/sockets/inherited-listener.ts";
import type { Logger } from "../../platform/log.ts";
import type { Outputs } from "../outputs/outputs.ts";
import type { Downstream } from "../flow/pipeline.ts";
import type { Setup } from "../setup/setup.ts";

export interface SourceDeps {
  /** What is in force at that moment. */
  setup: () => Setup;
  outputs: Outputs;
  ledger: Ledger;
  clock: Clock;
  log: Logger;
  /** What systemd handed over. */
  inherited: InheritedSockets;
  downstream: Downstream;
  /** Masks in text what the chain of any input knows as a secret. */
  mask: (text: string) => string;
}
