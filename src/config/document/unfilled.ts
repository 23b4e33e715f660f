/** What looks like a reference in a value and is none: it was meant as one, or is a part of a secret. */
import { hideAll } from "../../platform/secret.ts";
import { keyOf, type ConfigPath } from "./place.ts";
import { hasUser } from "./secret-lines.ts";
import { maybeSecretName } from "./secret-names.ts";

/** A complaint about `$NAME`, as a shell would fill it in. In steps and tests, `$` has meanings of its own. */
export function unfilledIn(value: string, [top]: ConfigPath): string | undefined {
  if (top === "chain" || top === "tests") return undefined;
  const variable = /(?<!\$)\$([A-Z][A-Z0-9_]+)/.exec(value)?.[1];
  if (variable === undefined) return undefined;
  return `"$${variable}" is not filled in; write \${env:${variable}} for the environment variable ${variable}`;
}

/** Hides in a complaint what may be a part of a secret in the value. */
export function hiderOf(value: string, path: ConfigPath): (complaint: string) => string {
  if (!mayBeSecret(value, path)) return (complaint) => complaint;
  const found = value.matchAll(/\$(?:([A-Z][A-Z0-9_]+)|\{([\w.]+)\})/g);
  const words = [...found].map(([, plain, braced]) => plain ?? braced!);
  return (complaint) => hideAll(words, complaint);
}

/** What is nothing but a reference is no secret. */
function mayBeSecret(value: string, path: ConfigPath): boolean {
  if (/^\$(?:[A-Z][A-Z0-9_]+|\{[^}]*\})$/.test(value)) return false;
  const key = keyOf(path);
  return (key !== undefined && maybeSecretName(key)) || hasUser(value);
}
