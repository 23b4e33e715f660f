/** Which keys of a configuration hold secrets, by their names. */
import { nearest } from "../../platform/text/suggest.ts";

const secret_name =
  /token|secret|pass(?:w|phrase)|pwd|credential|salt|hmac|private|authorization|key$|^proxy$/i;

/** Whether values of the key are taken for secrets even where they are in the file literally. */
export function isSecretName(key: string): boolean {
  return secret_name.test(key);
}

/** As they may be mistyped. */
const typical_names = [
  "token",
  "tokens",
  "password",
  "passphrase",
  "key_passphrase",
  "credentials",
  "secret",
  "authorization",
  "proxy",
  "nkey",
  "hmac_key",
];
/** What people write for them. */
const other_names = /^(?:pass|creds?|seed|pw)$/i;

/** Whether somebody may have meant such a key: what is wrong with a configuration is often how its keys are spelled. */
export function maybeSecretName(key: string): boolean {
  return isSecretName(key) || other_names.test(key) || nearest(key, typical_names) !== undefined;
}
