/**
 * An operator of NATS with one account, as `nsc` makes them: JWTs signed with nkeys, for a server that knows nobody but its operator.
 * The form is that of github.com/nats-io/jwt, version 2.
 */
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { nkeys } from "@nats-io/transport-node";
import type { Permissions } from "../../../src/platform/nats/permissions.ts";
import { temporaryDirectory } from "../temporary.ts";

const text = new TextDecoder();
const unlimited = -1;

export class NatsOperator {
  readonly #operator = nkeys.createOperator();
  readonly #account = nkeys.createAccount();
  /** Without one the server has no JetStream. */
  readonly #system = nkeys.createAccount();

  /** For the configuration of a server. */
  get lines(): string {
    const preloaded = [
      `${this.#account.getPublicKey()}: "${this.#accountJwt("fleet", this.#account)}"`,
      `${this.#system.getPublicKey()}: "${this.#accountJwt("SYS", this.#system)}"`,
    ];
    return [
      `operator: "${this.#operatorJwt()}"`,
      `system_account: ${this.#system.getPublicKey()}`,
      "resolver: MEMORY",
      `resolver_preload: { ${preloaded.join(", ")} }`,
    ].join("\n");
  }

  /** The content of a credentials file; of a user of somebody else's account where it is to be let in nowhere. */
  credentials(name: string, { publish, subscribe }: Permissions, account = this.#account): string {
    const user = nkeys.createUser();
    const limits = { subs: unlimited, data: unlimited, payload: unlimited };
    const rights = { pub: { allow: publish }, sub: { allow: subscribe } };
    const jwt = signed(account, {
      name,
      sub: user.getPublicKey(),
      nats: { ...rights, ...limits, type: "user", version: 2 },
    });
    const seed = text.decode(user.getSeed());
    return `-----BEGIN NATS USER JWT-----
${jwt}
------END NATS USER JWT------

-----BEGIN USER NKEY SEED-----
${seed}
------END USER NKEY SEED------
`;
  }

  #operatorJwt(): string {
    const sub = this.#operator.getPublicKey();
    return signed(this.#operator, { name: "ops", sub, nats: { type: "operator", version: 2 } });
  }

  #accountJwt(name: string, account: nkeys.KeyPair): string {
    const names = ["subs", "data", "payload", "imports", "exports", "conn", "leaf"];
    // JetStream is for no system account.
    const stored =
      account === this.#system ? [] : ["mem_storage", "disk_storage", "streams", "consumer"];
    const limits = Object.fromEntries([...names, ...stored].map((limit) => [limit, unlimited]));
    return signed(this.#operator, {
      name,
      sub: account.getPublicKey(),
      nats: {
        limits: { ...limits, wildcards: true },
        default_permissions: { pub: {}, sub: {} },
        type: "account",
        version: 2,
      },
    });
  }
}

/** Writes credentials where only their owner may read them. */
export function credentialsFile(credentials: string): string {
  const file = join(temporaryDirectory(), "fleet.creds");
  writeFileSync(file, credentials, { mode: 0o600 });
  return file;
}

function signed(
  issuer: nkeys.KeyPair,
  claims: { name: string; sub: string; nats: object },
): string {
  const whole = { iat: 1_795_000_000, iss: issuer.getPublicKey(), ...claims };
  const jti = createHash("sha256").update(JSON.stringify(whole)).digest("hex");
  const parts = [
    { typ: "JWT", alg: "ed25519-nkey" },
    { jti, ...whole },
  ];
  const body = parts.map((part) => base64(JSON.stringify(part))).join(".");
  return `${body}.${base64(issuer.sign(Buffer.from(body)))}`;
}

function base64(bytes: string | Uint8Array): string {
  return Buffer.from(bytes).toString("base64url");
}
