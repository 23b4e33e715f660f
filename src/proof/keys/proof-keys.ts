/**
 * The keys of one agent: the root, which the auditor knows and nobody has any more, and the key of the day, which signs.
 * Each key certifies the next and is gone then.
 */
import { randomBytes, type KeyObject } from "node:crypto";
import { TallymanError } from "../../platform/errors.ts";
import {
  certify,
  fingerprintOf,
  namedKey,
  rootName,
  type Certificate,
  type KeyEntry,
  type Keys,
} from "../format/certificates.ts";
import {
  keyName,
  privateKeyOf,
  publicBytesOf,
  signatureLine,
  type NamedKey,
} from "../format/notes.ts";
import { sealText } from "../format/seal.ts";
import { keyFilePath, readKeyFile, writeKeyFile, type KeyFile, type RootFile } from "./key-file.ts";

/** How long a key signs. */
export const key_period_ms = 24 * 60 * 60 * 1000;
const seed_bytes = 32;

export class ProofKeys {
  readonly #state_dir: string;
  #file: KeyFile;
  #private_key: KeyObject;

  private constructor(state_dir: string, file: KeyFile) {
    this.#state_dir = state_dir;
    this.#file = file;
    this.#private_key = privateKeyOf(Buffer.from(file.private, "base64"));
  }

  /** Those of the state directory. Rejects with TallymanError proof_keys_missing or proof_keys_unusable. */
  static async load(state_dir: string): Promise<ProofKeys> {
    const file = await readKeyFile(state_dir);
    if (file === undefined) {
      const path = keyFilePath(state_dir);
      const message = `there are no keys to sign seals with: ${path} is missing`;
      throw new TallymanError("proof_keys_missing", message, { file: path });
    }
    const last = file.keys.at(-1)!;
    const own = publicBytesOf(privateKeyOf(Buffer.from(file.private, "base64")));
    if (own.toString("base64") !== last.key) {
      const message = `the private key in ${keyFilePath(state_dir)} is not that of its last certificate`;
      throw new TallymanError("proof_keys_unusable", message, { file: keyFilePath(state_dir) });
    }
    return new ProofKeys(state_dir, file);
  }

  /** The name under which the agent was certified. */
  get agent(): string {
    return this.#file.agent;
  }

  /** What the auditor has. */
  get fingerprint(): string {
    return fingerprintOf(Buffer.from(this.#file.keys[0].key, "base64"));
  }

  /** The root, and the certificates up to the current key: `keys` of a seal. */
  get keys(): Keys {
    return this.#file.keys;
  }

  /** The certificate of the key that signs. */
  get current(): Certificate {
    return this.#file.keys.at(-1) as Certificate;
  }

  /** The same key, as each seal has it. */
  get entry(): KeyEntry {
    const { name, key } = this.current;
    return { name, key };
  }

  /** From when on the current key signs. A seal must not say an earlier time, though the clock may. */
  get from_ms(): number {
    return Date.parse(this.current.from);
  }

  /** Whether a seal of this time needs a new key. */
  isDue(time_ms: number): boolean {
    return time_ms >= Date.parse(this.current.to);
  }

  /** The signature line of a seal's body. */
  sign(body: string): string {
    return signatureLine(sealText(body), namedKey(this.current), this.#private_key);
  }

  /**
   * Has the current key certify a new one, and is done when that is on the disk and the old one overwritten. Rejects with
   * the system's error; the current key then stays.
   */
  async rotate(time_ms: number): Promise<void> {
    const { current } = this;
    const from = Math.max(time_ms, Date.parse(current.to));
    const by = { key: namedKey(current), private_key: this.#private_key };
    const { certificate, seed } = dayKey(this.agent, from, by);
    const file: KeyFile = {
      ...this.#file,
      keys: [...this.#file.keys, certificate],
      private: seed.toString("base64"),
    };
    await writeKeyFile(this.#state_dir, file);
    this.#file = file;
    this.#private_key = privateKeyOf(seed);
    seed.fill(0);
  }
}

/** Keys that are new, before anything is written. */
export interface NewKeys {
  readonly fingerprint: string;
  readonly file: KeyFile;
  readonly root: RootFile;
}

/** Keys that begin with a new root, which certifies the first key of a day, or with one that was kept. */
export function newKeys(agent: string, time_ms: number, kept?: RootFile): NewKeys {
  const root_seed = kept === undefined ? randomBytes(seed_bytes) : seedOf(kept);
  const private_key = privateKeyOf(root_seed);
  const key: NamedKey = { name: rootName(keyName(agent)), key: publicBytesOf(private_key) };
  const { certificate, seed } = dayKey(agent, time_ms, { key, private_key });
  const entry = { name: key.name, key: key.key.toString("base64") };
  return {
    fingerprint: fingerprintOf(key.key),
    file: { v: 1, agent, keys: [entry, certificate], private: seed.toString("base64") },
    root: { v: 1, agent, private: root_seed.toString("base64") },
  };
}

function seedOf({ private: text }: RootFile): Buffer {
  return Buffer.from(text, "base64");
}

interface Certifier {
  readonly key: NamedKey;
  readonly private_key: KeyObject;
}

/** A new key for the day that begins at `from`. */
function dayKey(
  agent: string,
  from: number,
  by: Certifier,
): { certificate: Certificate; seed: Buffer } {
  const seed = randomBytes(seed_bytes);
  const name = `${keyName(agent)}/${new Date(from).toISOString().slice(0, 10)}`;
  const key = { name, key: publicBytesOf(privateKeyOf(seed)) };
  const to = from + key_period_ms;
  return { certificate: certify({ agent, key, from, to }, by.key, by.private_key), seed };
}
