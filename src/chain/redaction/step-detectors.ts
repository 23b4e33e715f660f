/**
 * The detectors of one step, as its plugin gets them: what finds secrets by their shape, and the keys whose values are secret
 * whatever these look like.
 */
import type { Detectors } from "../../detectors/detectors.ts";
import { ip_v4, ip_v6 } from "../../detectors/personal/address.ts";
import { fitsKey, holdsSecret, isKeptValue, type KeyRule } from "../../detectors/keys/key-rule.ts";
import type { KeyGlobOptions } from "../../event/scan/key-glob.ts";
import { type Path, pathToKeys } from "../../event/scan/path.ts";
import { asBuffer } from "../../event/strings/as-buffer.ts";
import { spliced } from "../../event/strings/splices.ts";
import type { SecretDetectors, SecretSearch } from "../../plugin.ts";

/** What says where an event is from may well be an address. */
const addresses = new Set([ip_v4.id, ip_v6.id]);

/** Makes the path to the values of all keys of these names or globs, so that the one scan finds them. */
export type PathTo = (keys: readonly string[], options: KeyGlobOptions) => Path;

/** Makes them; the names of those that find something are added to `found`. */
export function stepDetectors(
  detectors: Detectors,
  pathTo: PathTo,
  found: Set<string>,
): SecretDetectors {
  const united_rules = united(detectors.keys);
  const rules = new Map(
    united_rules.map((rule) => [pathToKeys(rule.keys, optionsOf(rule)).key, rule]),
  );
  const ruleOf = (path: Path): KeyRule | undefined => {
    const { name } = path;
    const fits = (rule: KeyRule): boolean => name !== undefined && fitsKey(rule, name);
    return rules.get(path.key) ?? detectors.keys.find(fits);
  };
  const search: SecretSearch = {
    mayFind: (bytes, start, end, except) => detectors.mayFind(asBuffer(bytes), start, end, except),
    mayFindIn: (bytes, start, end) => detectors.mayFindIn(asBuffer(bytes), start, end),
    find(bytes, start, end) {
      const detections = detectors.find(asBuffer(bytes), start, end);
      for (const { detector } of detections) found.add(detector);
      return detections;
    },
  };
  return {
    search,
    origin_search: {
      ...search,
      find: (bytes, start, end) =>
        search.find(bytes, start, end).filter(({ detector }) => !addresses.has(detector)),
    },
    // For those who ask for them: each path that there is costs a little in every scan.
    get paths() {
      return united_rules.map((rule) => pathTo(rule.keys, optionsOf(rule)));
    },
    isKept(value, path) {
      if (typeof value !== "object" || value === null) return isKeptValue(String(value));
      return !Array.isArray(value) && !holdsSecret(value, ruleOf(path));
    },
    partial(text, path, replacement) {
      const bytes = Buffer.from(text);
      const parts = ruleOf(path)?.secretOf?.(bytes, 0, bytes.length);
      if (parts === undefined) return replacement;
      const own = Buffer.from(replacement);
      return spliced(
        bytes,
        parts.map((part) => ({ ...part, bytes: own })),
      ).toString();
    },
  };
}

function optionsOf({ except }: KeyRule): KeyGlobOptions {
  return { ignore_case: true, exceptions: except, is_last: true };
}

/** Rules that have the same exceptions, and hide all of a value, as one: a scan notes fewer values then. */
function united(rules: readonly KeyRule[]): KeyRule[] {
  const alike = Map.groupBy(rules, ({ detector, except, secretOf }) =>
    secretOf === undefined ? except.join() : `all of ${detector}`,
  );
  return [...alike.values()].map((same) => {
    return { ...same[0]!, keys: same.flatMap(({ keys }) => keys) };
  });
}
