/**
 * Which `${…}` put in a secret of the host: those of credentials, and, as far as somebody else writes the configuration, those of
 * variables that hold one. They are for options that are secret only.
 */
import { keyOf, referencesBelow, type Place } from "./place.ts";
import { hasUser } from "./secret-lines.ts";
import { isSecretName } from "./secret-names.ts";

/** Names of variables that hold secrets, beside those that options have, too. */
const secret_variable = /proxy|seed|cred|auth|cookie|session|pass|key/i;

/** Whether a variable holds a secret, by its name or by what was put in for it. */
export function isSecretVariable(reference: string, inserted: readonly string[]): boolean {
  return (
    isSecretName(reference) ||
    secret_variable.test(reference) ||
    inserted.some((text) => hasUser(text))
  );
}

/** The references that stand where a configuration has its secrets, by the names of the options. */
export function referencesOfSecrets(top: Place): Set<string> {
  const found = [...referencesBelow(top)].filter(({ path }) => {
    const key = keyOf(path);
    return key !== undefined && isSecretName(key) && !path.includes("fields");
  });
  return new Set(found.map(({ reference }) => reference));
}
