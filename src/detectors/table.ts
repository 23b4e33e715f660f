/** All detectors, and how users name them: by id, or by group. */
import { DetectorError } from "./contract/detector-error.ts";
import type { Detector } from "./contract/detector.ts";
import { aws, aws_key_id } from "./credentials/aws.ts";
import { commands } from "./credentials/commands.ts";
import { headers } from "./credentials/headers.ts";
import { json_web_token } from "./credentials/jwt.ts";
import { named_values } from "./credentials/named-values.ts";
import { password_hash } from "./credentials/password-hash.ts";
import { private_key } from "./credentials/private-key.ts";
import { schemes } from "./credentials/schemes.ts";
import { vendor_tokens } from "./credentials/vendor-tokens.ts";
import { url_password } from "./credentials/url-password.ts";
import { ip_v4, ip_v6 } from "./personal/address.ts";
import { card } from "./personal/card.ts";
import { email } from "./personal/email.ts";
import { entropy } from "./personal/entropy.ts";
import { iban } from "./personal/iban.ts";
import { suggestion } from "../platform/text/suggest.ts";

/** In the order of the documentation. */
export const detectors: readonly Detector[] = [
  ...aws,
  ...named_values,
  ...headers,
  ...schemes,
  json_web_token,
  private_key,
  url_password,
  password_hash,
  ...commands,
  ...vendor_tokens,
  aws_key_id,
  card,
  iban,
  email,
  ip_v4,
  ip_v6,
  entropy,
];

/** The groups, in order. */
export const groups: readonly string[] = [...new Set(detectors.map(({ group }) => group))];

/** The detectors that these ids and groups name, each once. */
export function chosen(names: readonly string[]): Detector[] {
  const ids = new Set<string>();
  names.forEach((name, index) => {
    const wrong = unknownDetector(name);
    if (wrong !== undefined) throw new DetectorError("detect", index, wrong);
    for (const { id } of named(name)) ids.add(id);
  });
  return detectors.filter(({ id }) => ids.has(id));
}

/** What to say of a name that nobody has; undefined for one that somebody has. */
export function unknownDetector(name: string): string | undefined {
  if (named(name).length > 0) return undefined;
  const known = [...groups, ...detectors.map(({ id }) => id)];
  return `there is no detector or group "${name}"${suggestion(name, known)}`;
}

function named(name: string): Detector[] {
  return detectors.filter(({ id, group }) => id === name || group === name);
}

/** Whether what the name stands for is for reports alone, so that a step has nothing of it. */
export function isReportOnly(name: string): boolean {
  const meant = named(name);
  return meant.length > 0 && meant.every(({ report_only }) => report_only === true);
}
