/**
 * What is asked of JetStream while its servers elect a leader, or one of them is not back yet, as when one has just ended: they
 * answer that they cannot, or not at all.
 */
import type { Clock } from "../clock.ts";
import { messageOf } from "../errors.ts";
import type { NatsConnection } from "./connection.ts";
import { withNats } from "./once.ts";
import type { NatsAccess } from "./options.ts";

const attempts_max = 6;
const election_ms = 2000;
const not_yet =
  /timeout|JetStreamNotEnabled|no responders|unavailable|no leader|not current|no suitable peers/i;

/**
 * What `work`, which may be done twice, makes of a connection: it is tried again until they can, at most for some elections.
 * Rejects as the last attempt does, see withNats.
 */
export async function withJetStream<Made>(
  options: NatsAccess,
  clock: Clock,
  work: (connection: NatsConnection) => Promise<Made>,
): Promise<Made> {
  for (let left = attempts_max - 1; ; left -= 1) {
    try {
      return await withNats(options, clock, work);
    } catch (cause) {
      if (left === 0 || !namesOf(cause).some((name) => not_yet.test(name))) throw cause;
      await clock.sleep(election_ms);
    }
  }
}

/** Of an error, and of what caused it, name and message. */
function namesOf(cause: unknown): string[] {
  const names: string[] = [];
  for (let error = cause; error instanceof Error; error = error.cause)
    names.push(`${error.name} ${messageOf(error)}`);
  return names;
}
