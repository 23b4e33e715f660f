/** The troubles that a request can meet, by name, and what a server does in those that are its doing. */
import type { RandomSource } from "../random/random-source.ts";
import type { Behaviour } from "../splunk/behaviour.ts";
import { hecReply, page, type HecReply } from "../splunk/replies.ts";

export const troubles = [
  "refused_connection",
  "no_such_name",
  "bad_chain",
  "unreachable",
  "unconnected",
  "reset",
  "close",
  "hang",
  "late",
  "half_answer",
  "drip",
  "wrong_length",
  "garbage",
  "slow",
  "unknown_token",
  "disabled_token",
  "wrong_index",
  "busy",
  "busy_in_part",
  "at_capacity",
  "at_capacity_in_part",
  "ack_channel_full",
  "internal_error",
  "near_capacity",
  "near_ack_capacity",
  "stopping",
  "restarting",
  "too_large",
  "no_number",
  "wrong_number",
  "configuration",
  "gateway",
  "portal",
  "redirect",
  "proxy",
  "odd_success",
] as const;

/** Those that there are only with acknowledgement. */
export const ack_troubles = [
  "ack_unavailable",
  "ack_withheld",
  "ack_lost",
  "channels_expired",
  "orderly_restart",
  "crash",
  "balancer_restart",
] as const;
export type Trouble = (typeof troubles)[number] | (typeof ack_troubles)[number];

export interface Chance {
  random: RandomSource;
  /** Whether an acknowledgement may be missing: the sender knows of one that was promised. */
  mayOmitPromise: () => boolean;
  /** Wall clock, for a Retry-After that is a date. */
  now: () => number;
}

/** `taken`: whether the events are accepted all the same. */
type Misbehaviour = (chance: Chance, taken: boolean) => Behaviour;

const misbehaviours: Partial<Record<Trouble, Misbehaviour>> = {
  reset: ({ random }, taken) => {
    return { kind: "reset", when: random.one(["after_body", "during_answer"]), taken };
  },
  close: (_, taken) => ({ kind: "close", taken }),
  hang: (_, taken) => ({ kind: "hang", taken }),
  half_answer: () => ({ kind: "half_answer" }),
  drip: ({ random }, taken) => ({ kind: "drip", status: random.one([200, 503]), taken }),
  wrong_length: ({ random }) => ({ kind: "wrong_length", bytes: random.one([-10, 10]) }),
  garbage: (_, taken) => ({ kind: "garbage", bytes: "SSH-2.0-OpenSSH_9.6\r\n", taken }),
  slow: ({ random }) => ({ kind: "normal", delay_ms: random.between(1000, 40_000) }),
  busy_in_part: (chance, named) => busyInPart(chance, { code: 9, named }),
  at_capacity_in_part: (chance, named) => busyInPart(chance, { code: 26, named }),
  ack_channel_full: () => ({ kind: "busy", code: 27, taken: 0, named: false }),
  internal_error: (_, taken) => answer(hecReply(8), taken),
  no_number: () => ({ kind: "normal", number: "missing" }),
  wrong_number: ({ random }) => {
    return { kind: "normal", number: random.one(["negative", "beyond", "text"]) };
  },
  configuration: ({ random }) => {
    return answer(hecReply(random.one([2, 3, 10, 11, 14, 16, 28])), false);
  },
  gateway: ({ random }, taken) => {
    return answer(page(random.one([408, 429, 500, 502, 503, 504, 599])), taken);
  },
  portal: (_, taken) => answer(page(200), taken),
  redirect: ({ random }) => answer(page(random.one([301, 302, 303, 307, 308])), false),
  proxy: ({ random }) => {
    return answer(page(random.one([400, 401, 403, 404, 405, 407, 415, 431])), false);
  },
  odd_success: ({ random }, taken) => answer(oddSuccess(random), taken),
};

export function behaviourIn(trouble: Trouble, chance: Chance): Behaviour {
  return misbehaviours[trouble]?.(chance, chance.random.chance(0.5)) ?? { kind: "normal" };
}

function busyInPart(
  { random, now, mayOmitPromise }: Chance,
  { code, named }: { code: 9 | 26; named: boolean },
): Behaviour {
  const date = new Date(now() + random.between(-10_000, 60_000)).toUTCString();
  const retry_after = random.one([undefined, "0", "7", "3600", "-5", "soon", date]);
  return {
    kind: "busy",
    code,
    taken: random.between(0, 800),
    named,
    unpromised: mayOmitPromise() && random.chance(0.3),
    ...(retry_after === undefined ? {} : { retry_after }),
  };
}

/** Of the kind of success that says nothing. */
function oddSuccess(random: RandomSource): HecReply {
  const success = '{"text":"Success","code":0}';
  const bodies = ["", "{}", "null", success.slice(0, -1), success.replace("0", '"0"')];
  const status = random.one([200, 201, 202, 204]);
  // The whole of it counts with 200 only.
  const body = random.one(status === 200 ? bodies : [...bodies, success]);
  return { status, headers: {}, body };
}

function answer({ status, headers, body }: HecReply, taken: boolean): Behaviour {
  return { kind: "answer", status, headers: { ...headers }, body, taken };
}
