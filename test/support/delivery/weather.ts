/**
 * What goes wrong in a simulated hour, by seed: troubles that last, accidents of single requests, and at last calm.
 */
import type { Behaviour } from "../splunk/behaviour.ts";
import type { Balancer } from "../splunk/balancer.ts";
import type { Passage } from "../splunk/memory-transport.ts";
import type { HecCall, Token } from "../splunk/call.ts";
import type { Phase, SplunkNode } from "../splunk/node.ts";

import { ack_troubles, behaviourIn, troubles, type Chance, type Trouble } from "./troubles.ts";

export const hour_ms = 3_600_000;

interface Spell {
  readonly trouble: Trouble;
  readonly from_ms: number;
  readonly until_ms: number;
}

export interface WeatherFacts extends Chance {
  balancer: Balancer<number>;
  /** The node's, to be changed for a while. */
  tokens: Map<string, Token>;
  token: string;
  /** Whether nothing ever gets through: for one endpoint among others. */
  dead: boolean;
  /** Has what is accepted from now on wait for so long in the queue; undefined is as usual. */
  indexAfter: (delay_ms: number | undefined) => void;
  /** Where the hour begins, by the clock. */
  began_ms: number;
  /** Serves a request that was held up until its sender had given up. `sent` is a copy of the body as it was. */
  onLate: (call: HecCall, sent: Buffer) => void;
}

const phase_by_trouble: Partial<Record<Trouble, Phase>> = {
  at_capacity: "at_capacity",
  busy: "queues_full",
  near_capacity: "near_capacity",
  near_ack_capacity: "near_ack_capacity",
  stopping: "stopping",
  restarting: "restarting",
  ack_unavailable: "ack_unavailable",
};

const failures: Partial<Record<Trouble, readonly string[]>> = {
  refused_connection: ["ECONNREFUSED"],
  no_such_name: ["ENOTFOUND", "EAI_AGAIN"],
  bad_chain: [
    "CERT_HAS_EXPIRED",
    "DEPTH_ZERO_SELF_SIGNED_CERT",
    "ERR_TLS_CERT_ALTNAME_INVALID",
    "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    "EPROTO",
  ],
  unreachable: ["EHOSTUNREACH", "ENETUNREACH", "EMFILE"],
};

export class Weather {
  /** From when on nothing goes wrong any more, by the clock. */
  readonly calm_from_ms: number;
  /** The troubles that came. */
  readonly met = new Set<Trouble>();
  readonly #facts: WeatherFacts;
  readonly #spells: readonly Spell[];
  readonly #accident_share: number;
  readonly #token: Token;
  readonly #troubles: readonly Trouble[];
  /** What it is dead of. */
  readonly #end: Trouble | undefined;

  constructor(facts: WeatherFacts) {
    const { random, began_ms } = facts;
    this.#facts = facts;
    this.#token = facts.tokens.get(facts.token)!;
    this.#troubles = this.#token.ack ? [...troubles, ...ack_troubles, ...ack_troubles] : troubles;
    this.#end = facts.dead
      ? random.one(["refused_connection", "unconnected", "hang", "restarting", "portal"])
      : undefined;
    this.#accident_share = random.one([0, 0.02, 0.1, 0.3]);
    this.#spells = Array.from({ length: random.between(3, 12) }, () => {
      const from_ms = began_ms + random.next() * hour_ms * 0.9;
      const length_ms = random.one([2000, 20_000, 120_000, 900_000]) * random.next();
      return { trouble: random.one(this.#troubles), from_ms, until_ms: from_ms + length_ms };
    });
    this.calm_from_ms = began_ms + hour_ms;
  }

  /** What becomes of this request. */
  pass(call: HecCall): Passage<number> {
    const { random } = this.#facts;
    const trouble = this.#troubleNow();
    if (trouble === undefined) return this.#serve(call, { kind: "normal" });
    this.met.add(trouble);
    const codes = failures[trouble];
    if (codes !== undefined) {
      return failed(random.one(codes), random.between(1, 200));
    }
    if (trouble === "unconnected") return { kind: "unconnected" };
    if (trouble === "late") {
      const sent = Buffer.from(call.body);
      return { kind: "late", serve: () => this.#facts.onLate(call, sent) };
    }
    if (trouble === "reset" && random.chance(0.3)) return failed("ECONNRESET", 5);
    return this.#serveIn(trouble, call);
  }

  #troubleNow(): Trouble | undefined {
    const { now, random } = this.#facts;
    if (this.#end !== undefined) return this.#end;
    const now_ms = now();
    if (now_ms >= this.calm_from_ms) return undefined;
    const spell = this.#spells.find(
      ({ from_ms, until_ms }) => from_ms <= now_ms && now_ms < until_ms,
    );
    // The worst of times has its moments, too.
    if (spell !== undefined && random.chance(0.9)) return spell.trouble;
    return random.chance(this.#accident_share) ? random.one(this.#troubles) : undefined;
  }

  /** Serves it by nodes that are in this trouble while they do. */
  #serveIn(trouble: Trouble, call: HecCall): Passage<number> {
    const { balancer, tokens, token, indexAfter, random } = this.#facts;
    const { nodes } = balancer;
    const [{ body_bytes_max }] = nodes as [SplunkNode<number>];
    const phase = phase_by_trouble[trouble] ?? "up";
    for (const node of nodes) node.phase = phase;
    if (trouble === "unknown_token") tokens.delete(token);
    if (trouble === "disabled_token") tokens.set(token, { ...this.#token, disabled: true });
    if (trouble === "wrong_index") tokens.set(token, { ...this.#token, indexes: new Set("a") });
    if (trouble === "too_large") {
      const bytes_max = random.one([60, 500, 5000, 20_000]);
      for (const node of nodes) node.body_bytes_max = bytes_max;
    }
    if (trouble === "ack_withheld") indexAfter(150_000);
    if (trouble === "ack_lost") indexAfter(Infinity);
    if (trouble === "channels_expired") for (const node of nodes) node.forgetChannels();
    if (trouble === "orderly_restart") random.one(nodes).restart("orderly");
    if (trouble === "crash") random.one(nodes).restart("crash");
    if (trouble === "balancer_restart") balancer.forget();
    const passage = this.#serve(call, behaviourIn(trouble, this.#facts));
    for (const node of nodes) {
      node.phase = "up";
      node.body_bytes_max = body_bytes_max;
    }
    indexAfter(undefined);
    tokens.set(token, this.#token);
    return passage;
  }

  #serve(call: HecCall, behaviour: Behaviour): Passage<number> {
    const after_ms = this.#facts.random.between(1, 120);
    return { kind: "served", served: this.#facts.balancer.serve(call, behaviour), after_ms };
  }
}

function failed(code: string, after_ms: number): Passage<number> {
  return { kind: "failed", failure: { code, message: "said the system" }, after_ms };
}
