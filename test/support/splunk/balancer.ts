/** What stands before several nodes: gives each request to one of them, and may stick to it by a cookie. */
import type { Behaviour } from "./behaviour.ts";
import type { HecCall } from "./call.ts";
import type { Served, SplunkNode } from "./node.ts";

/**
 * - cookie: who brings the cookie stays with its node; who brings none gets one, and the next node;
 * - renewed_cookie: the same, but the cookie has another value in every answer, as AWSALB has;
 * - none: every request goes to the next node.
 */
export type Stickiness = "cookie" | "renewed_cookie" | "none";

const cookie_name = "AWSALB";

export class Balancer<E> {
  readonly nodes: readonly SplunkNode<E>[];
  readonly #stickiness: Stickiness;
  #turn = 0;
  /** Cookies of an older one are not known any more. */
  #generation = 0;
  #renewals = 0;

  constructor(nodes: readonly SplunkNode<E>[], stickiness: Stickiness) {
    this.nodes = nodes;
    this.#stickiness = stickiness;
  }

  serve(call: HecCall, behaviour: Behaviour): Served<E> {
    const bound = this.#stickiness === "none" ? undefined : this.#boundTo(call);
    const number = bound ?? this.#next();
    const served = this.nodes[number]!.serve(call, behaviour);
    const sets =
      this.#stickiness === "renewed_cookie" ||
      (this.#stickiness === "cookie" && bound === undefined);
    if (!sets || served.wire.kind !== "reply") return served;
    const { wire } = served;
    const cookie = this.#cookieFor(number);
    const headers = { ...wire.reply.headers, "set-cookie": cookie };
    return { ...served, wire: { ...wire, reply: { ...wire.reply, headers } } };
  }

  /** Forgets who sticks where, as a balancer does that was restarted. */
  forget(): void {
    this.#generation += 1;
    this.#turn += 1;
  }

  #next(): number {
    const number = this.#turn % this.nodes.length;
    this.#turn += 1;
    return number;
  }

  #cookieFor(number: number): string {
    this.#renewals += 1;
    const renewal = this.#stickiness === "renewed_cookie" ? this.#renewals : 0;
    return `${cookie_name}=${this.#generation}-${number}-${renewal}; Path=/; Max-Age=604800`;
  }

  #boundTo({ headers }: HecCall): number | undefined {
    const cookies = [headers["cookie"] ?? []].flat().join("; ");
    const [, generation, number] = /\bAWSALB=(\d+)-(\d+)-\d+/.exec(cookies) ?? [];
    return Number(generation) === this.#generation ? Number(number) : undefined;
  }
}
