/**
 * What a check of `tallyman doctor` finds: a verdict, in words, and what to do about it.
 */
import { causes, type Cause } from "./causes.ts";

/** What is looked at, in this order; `user` only where it matters. */
export type CheckName =
  | "config"
  | "user"
  | "plugins"
  | "files"
  | "listen"
  | "nats"
  | "state"
  | "archive"
  | "dns"
  | "proxy"
  | "tcp"
  | "tls"
  | "health"
  | "token"
  | "ack"
  | "event"
  | "clock";

export interface Finding {
  readonly check: CheckName;
  /** Which of several it is about: an input, or an endpoint. */
  readonly subject?: string;
  readonly verdict: "ok" | "warning" | "failed" | "skipped";
  /** Of a warning and a failure. */
  readonly cause?: Cause;
  /** Without any secret; text from outside may be in it. */
  readonly message: string;
  readonly remedy?: string;
}

/** Makes the findings of one check. */
export class Findings {
  readonly #about: Pick<Finding, "check" | "subject">;

  constructor(check: CheckName, subject?: string) {
    this.#about = { check, ...(subject !== undefined && { subject }) };
  }

  ok(message: string): Finding {
    return { ...this.#about, verdict: "ok", message };
  }

  /** The cause says whether it is a warning or a failure, and what to do where `remedy` does not. */
  fault(cause: Cause, message: string, remedy: string = causes[cause].remedy): Finding {
    const { verdict } = causes[cause];
    return { ...this.#about, verdict, cause, message, remedy };
  }

  skipped(why: string): Finding {
    return { ...this.#about, verdict: "skipped", message: why };
  }
}

/** The finding that keeps what follows from being looked at. */
export function failureIn(findings: readonly Finding[]): Finding | undefined {
  return findings.find(({ verdict }) => verdict === "failed");
}
