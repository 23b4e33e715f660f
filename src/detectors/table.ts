/** All detectors, and how users name them: by id, or by group. */
import { DetectorError } from "./contract/detector-error.ts";
import type { Detector } from "./contract/detector.ts";
import { bearer_token } from "./credentials/schemes.ts";
import { url_password } from "./credentials/url-password.ts";
import { suggestion } from "../platform/text/suggest.ts";

/** In the order of the documentation. */
export const detectors: readonly Detector[] = [bearer_token, url_password];

/** The groups, in order. */
export const groups: readonly string[] = [...new Set(detectors.map(({ group }) => group))];

/** The detectors that these ids and groups name, each once. */
export function chosen(names: readonly string[]): Detector[] {
  const ids = new Set<string>();
  names.forEach((name, index) => {
    const named = detectors.filter(({ id, group }) => id === name || group === name);
    if (named.length === 0) throw new DetectorError("detect", index, unknown(name));
    for (const { id } of named) ids.add(id);
  });
  return detectors.filter(({ id }) => ids.has(id));
}

function unknown(name: string): string {
  const known = [...groups, ...detectors.map(({ id }) => id)];
  return `there is no detector or group "${name}"${suggestion(name, known)}`;
}
