/**
 * What the sources of a configuration are made from.
 */
import type { Config } from "../config/config.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Clock } from "../platform/clock.ts";
import type { InheritedSockets } from "../platform/inherited-listener.ts";
import type { Logger } from "../platform/log.ts";
import type { CompiledInput } from "./compile.ts";
import type { Outputs } from "./outputs.ts";
import type { Downstream } from "./pipeline.ts";

export interface SourceFacts {
  config: Config;
  inputs: readonly CompiledInput[];
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
