/**
 * Pseudonyms of values: keyed hashes, which tell that values are equal and nothing else of them. Without the key nobody can
 * try values until one has the same.
 */
import type { JsonValue } from "../../event/event.ts";
import { textOfAny } from "../../event/scan/json-value.ts";
import { builtinCrypto } from "../../platform/builtin-crypto.ts";

/** What every pseudonym begins with. */
const prefix = "hmac-sha256:";
/** Characters kept of the hash in base64url: 132 of its bits. */
const length = 22;

/** What stands where a former chain has taken a secret out: a hash of it would be equal to no other. */
const made_before = new RegExp(`^(?:${prefix}[\\w-]{${length}}|\\[REDACTED\\])$`);

/** Gives what makes pseudonyms with this key. With `again` it leaves what a former chain has made of a secret. */
export function pseudonyms(key: string, again = false): (value: JsonValue) => string {
  const { createHmac, createSecretKey } = builtinCrypto();
  const secret = createSecretKey(Buffer.from(key));
  return (value) => {
    const is_scalar = typeof value === "string" || typeof value === "number";
    const text = is_scalar ? String(value) : textOfAny(value);
    if (again && made_before.test(text)) return text;
    const hash = createHmac("sha256", secret).update(text).digest("base64url");
    return prefix + hash.slice(0, length);
  };
}
