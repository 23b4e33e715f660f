/**
 * Whether a request shows a token that is allowed here.
 *
 * Taken are `Splunk <token>` and `Basic` with the token as password, as Splunk does, and, since webhooks send what
 * they were given as it is, `Bearer <token>` and the bare token; each also in quotes, which a documented WEKA
 * command puts on the wire. Digests are compared in constant time, always with all tokens.
 */
import { hash, timingSafeEqual } from "node:crypto";
import type { Secret } from "../../../platform/secret.ts";
import { replies, type Reply } from "./replies.ts";

/** `granted`; `granted_quoted` where the value was in quotes; or the answer that refuses. */
export type Authorization = "granted" | "granted_quoted" | Reply;

const basic = "basic";
const taken_schemes = new Set(["", "splunk", "bearer", basic]);

export class Authorizer {
  readonly #tokens: readonly Secret[];
  #digests: readonly Buffer[] = [];

  constructor(tokens: readonly Secret[]) {
    this.#tokens = tokens;
    this.#digest();
  }

  /** Looks whether the files that tokens come from were replaced. Gives why some cannot be used. Never rejects. */
  async refresh(): Promise<string[]> {
    const wrong = await Promise.all(this.#tokens.map((token) => token.refresh()));
    this.#digest();
    return wrong.filter((each) => each !== undefined);
  }

  /** Judges the value of an Authorization header. */
  authorize(header: string | undefined): Authorization {
    const value = header?.trim() ?? "";
    const unquoted = withoutQuotes(value);
    const blank = unquoted.indexOf(" ");
    const scheme = unquoted.slice(0, Math.max(0, blank)).toLowerCase();
    const shown = blank === -1 ? unquoted : unquoted.slice(blank + 1).trim();
    if (shown === "" || shown.toLowerCase() === "splunk") return replies.token_required;
    const token = scheme === basic ? passwordOf(shown) : shown;
    const is_known = this.#knows(token);
    if (!taken_schemes.has(scheme)) return replies.invalid_authorization;
    if (!is_known) {
      const is_malformed = scheme === "bearer" || token === "";
      return is_malformed ? replies.invalid_authorization : replies.invalid_token;
    }
    return unquoted.length === value.length ? "granted" : "granted_quoted";
  }

  #digest(): void {
    this.#digests = this.#tokens.map((token) => digestOf(token.reveal()));
  }

  #knows(token: string): boolean {
    const digest = digestOf(token);
    let known = false;
    for (const each of this.#digests) if (timingSafeEqual(digest, each)) known = true;
    return known;
  }
}

function digestOf(token: string): Buffer {
  return hash("sha256", token, "buffer");
}

/** Without one pair of `"` or `\"` around it. */
function withoutQuotes(value: string): string {
  for (const quote of ['\\"', '"']) {
    const length = quote.length;
    if (value.length > 2 * length && value.startsWith(quote) && value.endsWith(quote)) {
      return value.slice(length, -length).trim();
    }
  }
  return value;
}

/** The password of Basic credentials (RFC 7617); empty where there is none. */
function passwordOf(credentials: string): string {
  const text = Buffer.from(credentials, "base64").toString();
  const colon = text.indexOf(":");
  return colon === -1 ? "" : text.slice(colon + 1);
}
