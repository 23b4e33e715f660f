/**
 * All that `tallyman doctor` can find wrong, and what to do about it. docs/operations/troubleshooting.md is printed from it.
 *
 * A cause is stable: scripts may match on it. What Splunk answers has the same words here as in tallyman's log.
 */
import type { CauseEntry } from "./cause-entry.ts";
import { collector_causes } from "./collector-causes.ts";
import { configuration_causes, input_causes, state_causes } from "./local-causes.ts";
import { nats_causes, network_causes, proxy_causes, tls_causes } from "./network-causes.ts";

export const causes = {
  ...configuration_causes,
  ...input_causes,
  ...state_causes,
  ...network_causes,
  ...proxy_causes,
  ...tls_causes,
  ...nats_causes,
  ...collector_causes,
} as const satisfies Record<string, CauseEntry>;

export type Cause = keyof typeof causes;

export function isCause(word: string): word is Cause {
  return Object.hasOwn(causes, word);
}
