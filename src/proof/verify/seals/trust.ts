/**
 * Which keys are to be trusted, and for which time: those that a line of certificates leads to from a root whose fingerprint
 * the auditor has given.
 */
import {
  fingerprintOf,
  isCertified,
  namedKey,
  type Certificate,
  type KeyEntry,
} from "../../format/certificates.ts";
import type { FoundSeals } from "./sealed.ts";

/** A key that may sign from one moment to the other, in milliseconds. */
export interface TrustedKey {
  readonly name: string;
  readonly key: string;
  readonly from: number;
  readonly to: number;
  /** The fingerprint of the root that it comes from. */
  readonly root: string;
}

export class Trust {
  /** By agent, name and key. */
  readonly #trusted = new Map<string, TrustedKey[]>();
  /** The fingerprints of the roots that seals have named, by agent. */
  readonly roots = new Map<string, Set<string>>();

  constructor(found: FoundSeals, fingerprints: readonly string[]) {
    const open = new Map<string, { agent: string; certificate: Certificate }[]>();
    for (const { agent, keys } of found.keys) {
      const [root, ...certificates] = keys;
      const fingerprint = fingerprintOf(namedKey(root).key);
      this.roots.set(agent, (this.roots.get(agent) ?? new Set()).add(fingerprint));
      for (const certificate of certificates) {
        const by = idOf(agent, certificate.by);
        open.set(by, [...(open.get(by) ?? []), { agent, certificate }]);
      }
      if (fingerprints.includes(fingerprint)) this.#certified(agent, root, fingerprint, open);
    }
    // The root may have come before what it has certified.
    for (const { agent, keys } of found.keys) {
      const fingerprint = fingerprintOf(namedKey(keys[0]).key);
      if (fingerprints.includes(fingerprint)) this.#certified(agent, keys[0], fingerprint, open);
    }
  }

  /** Why a seal of this time must not be signed with the key; undefined where it may. */
  faultOf(agent: string, key: KeyEntry, time: string): string | undefined {
    const trusted = this.#trusted
      .get(idOf(agent, key.name))
      ?.filter((each) => each.key === key.key);
    if (trusted === undefined || trusted.length === 0) {
      return `its key ${key.name} is not certified by the root`;
    }
    const time_ms = Date.parse(time);
    if (trusted.some(({ from, to }) => time_ms >= from && time_ms < to)) return undefined;
    return `its time is outside of the day for which its key ${key.name} was certified`;
  }

  /** The root that the key comes from. */
  rootOf(agent: string, { name, key }: KeyEntry): string | undefined {
    return this.#trusted.get(idOf(agent, name))?.find((each) => each.key === key)?.root;
  }

  /** Follows the certificates from a root on, and from each key to those that it has certified. */
  #certified(
    agent: string,
    root: KeyEntry,
    fingerprint: string,
    open: ReadonlyMap<string, readonly { agent: string; certificate: Certificate }[]>,
  ): void {
    const certifiers: (KeyEntry & { to_ms: number })[] = [{ ...root, to_ms: -Infinity }];
    const seen = new Set<string>();
    for (const by of certifiers) {
      for (const each of open.get(idOf(agent, by.name)) ?? []) {
        const { certificate } = each;
        const id = JSON.stringify(certificate) + by.key;
        if (each.agent !== agent || seen.has(id)) continue;
        seen.add(id);
        const from = Date.parse(certificate.from);
        const to = Date.parse(certificate.to);
        // Who has a key could otherwise have another one certified for the same time.
        if (from < by.to_ms || to <= from) continue;
        if (!isCertified(agent, certificate, namedKey(by))) continue;
        const { name, key } = certificate;
        this.#trust(agent, { name, key, from, to, root: fingerprint });
        certifiers.push({ name, key, to_ms: to });
      }
    }
  }

  #trust(agent: string, key: TrustedKey): void {
    const id = idOf(agent, key.name);
    const known = this.#trusted.get(id) ?? [];
    const same = known.some(
      (each) => each.key === key.key && each.from === key.from && each.to === key.to,
    );
    if (!same) known.push(key);
    this.#trusted.set(id, known);
  }
}

function idOf(agent: string, name: string): string {
  return JSON.stringify([agent, name]);
}
