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
import { keyId, key_id_bytes, type NamedKey } from "../../format/notes.ts";
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

/** By their agent and the key that is to have certified them. */
type Open = Map<string, Certificate[]>;

/** Of one agent, for the message that it has another one. */
const roots_kept_max = 16;
/** For which one key is certified: a key of an agent has one. */
const periods_max = 16;

export class Trust {
  /** By agent, name and key. */
  readonly #trusted = new Map<string, TrustedKey[]>();
  /** The fingerprints of the roots that seals have named, by agent. */
  readonly roots = new Map<string, Set<string>>();

  constructor(found: FoundSeals, fingerprints: readonly string[]) {
    const open: Open = new Map();
    const trusted = new Map<string, { agent: string; root: KeyEntry; fingerprint: string }>();
    for (const { agent, keys } of found.keys) {
      const [root, ...certificates] = keys;
      const fingerprint = fingerprintOf(namedKey(root).key);
      const roots = this.roots.get(agent) ?? new Set();
      if (roots.size < roots_kept_max) this.roots.set(agent, roots.add(fingerprint));
      if (fingerprints.includes(fingerprint)) {
        trusted.set(JSON.stringify([agent, root]), { agent, root, fingerprint });
      }
      for (const certificate of certificates) {
        const by = certifierOf(agent, certificate);
        const known = open.get(by);
        if (known === undefined) open.set(by, [certificate]);
        else known.push(certificate);
      }
    }
    // A root may have come behind what it has certified.
    for (const each of trusted.values()) this.#certified(each, open);
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
    { agent, root, fingerprint }: { agent: string; root: KeyEntry; fingerprint: string },
    open: Open,
  ): void {
    const certifiers: (KeyEntry & { to_ms: number })[] = [{ ...root, to_ms: -Infinity }];
    const followed = new Map<string, { periods: number; to_ms: number }>();
    const settled = new Set<Certificate>();
    for (const by of certifiers) {
      const before = followed.get(by.name + by.key) ?? { periods: 0, to_ms: Infinity };
      // What ends later certifies nothing more.
      if (by.to_ms >= before.to_ms || before.periods >= periods_max) continue;
      followed.set(by.name + by.key, { periods: before.periods + 1, to_ms: by.to_ms });
      for (const certificate of open.get(certifierIdOf(agent, namedKey(by))) ?? []) {
        const from = Date.parse(certificate.from);
        const to = Date.parse(certificate.to);
        // Who has a key could otherwise have another one certified for the same time.
        if (from < by.to_ms || to <= from || settled.has(certificate)) continue;
        if (!isCertified(agent, certificate, namedKey(by))) continue;
        settled.add(certificate);
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

function certifierIdOf(agent: string, key: NamedKey): string {
  return JSON.stringify([agent, key.name, keyId(key).toString("hex")]);
}

/** The signature begins with the id of the key, so that each certificate is tried with one key, however many have that name. */
function certifierOf(agent: string, { by, sig }: Certificate): string {
  const id = Buffer.from(sig, "base64").subarray(0, key_id_bytes);
  return JSON.stringify([agent, by, id.toString("hex")]);
}
