/** Which keys a verifier trusts, and what it costs to find out. */
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { expect, test } from "vitest";
import {
  certify,
  fingerprintOf,
  type Certificate,
  type KeyEntry,
} from "../../../../../src/proof/format/certificates.ts";
import { publicBytesOf } from "../../../../../src/proof/format/notes.ts";
import type { FoundSeals } from "../../../../../src/proof/verify/seals/sealed.ts";
import { Trust } from "../../../../../src/proof/verify/seals/trust.ts";

const day_ms = 24 * 60 * 60 * 1000;
const start_ms = Date.UTC(2026, 0, 1);
const agent = "host-a";

interface Pair {
  readonly name: string;
  readonly key: Buffer;
  readonly private_key: KeyObject;
}

function pair(name: string): Pair {
  const private_key = generateKeyPairSync("ed25519").privateKey;
  return { name, key: publicBytesOf(private_key), private_key };
}

function entryOf({ name, key }: Pair): KeyEntry {
  return { name, key: key.toString("base64") };
}

function certified(key: Pair, by: Pair, [from, to]: readonly [number, number]): Certificate {
  const days = { from: start_ms + from * day_ms, to: start_ms + to * day_ms };
  return certify({ agent, key, ...days }, by, by.private_key);
}

/** Counts how often somebody looks at it. */
function counted(certificate: Certificate, count: () => void): Certificate {
  return Object.defineProperty({ ...certificate }, "from", {
    enumerable: true,
    get: () => (count(), certificate.from),
  });
}

function trustOf(root: Pair, lists: readonly (readonly Certificate[])[]): Trust {
  const keys = lists.map((each) => ({ agent, keys: [entryOf(root), ...each] as const }));
  return new Trust({ keys } as unknown as FoundSeals, [fingerprintOf(root.key)]);
}

const at = (day: number): string => new Date(start_ms + day * day_ms).toISOString();

test("trust - a key of each day, each said in seals of its own, is looked at a bounded number of times", () => {
  const days = 60;
  const root = pair("host-a/root");
  const pairs = Array.from({ length: days }, (_, day) => pair(`host-a/${day}`));
  let looks = 0;
  const certificates = pairs.map((key, day) =>
    counted(certified(key, pairs[day - 1] ?? root, [day, day + 1]), () => (looks += 1)),
  );
  const trust = trustOf(root, certificates.map((each) => [each]).toReversed());
  expect(looks).toBeLessThan(4 * days);
  for (const [day, key] of pairs.entries()) {
    expect(trust.faultOf(agent, entryOf(key), at(day))).toBeUndefined();
    expect(trust.faultOf(agent, entryOf(key), at(day + 1))).toContain("outside of the day");
  }
});

test("trust - many keys of one name do not multiply with the certificates of that name", () => {
  const count = 40;
  const root = pair("host-a/root");
  const thief = pair("host-a/0");
  let looks = 0;
  const of = (certificate: Certificate): Certificate => counted(certificate, () => (looks += 1));
  const twins = Array.from({ length: count }, () => pair("host-a/twin"));
  const more = twins.flatMap((twin, day) => [
    of(certified(twin, thief, [1, 2])),
    of(certified(pair(`host-a/more-${day}`), twin, [2, 3])),
    of(certified(twin, thief, [1, 2 + day])),
  ]);
  const trust = trustOf(root, [[of(certified(thief, root, [0, 1])), ...more]]);
  expect(looks).toBeLessThan(20 * count);
  expect(trust.faultOf(agent, entryOf(twins[7]!), at(1))).toBeUndefined();
});
