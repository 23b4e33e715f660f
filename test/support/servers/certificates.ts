/**
 * Certificates of every kind that a server or a client can show, made when a test asks for them: X.509 (RFC 5280) by
 * hand, since not every machine has openssl.
 */
import { generateKeyPairSync, sign, type KeyObject } from "node:crypto";
import { isIP } from "node:net";

/** A certificate and its key, both in PEM. */
export interface Issued {
  readonly certificate: string;
  readonly key: string;
  readonly name: string;
  readonly private_key: KeyObject;
}

export interface CertificateFacts {
  /** The common name. */
  readonly name: string;
  /** What it is valid for: host names and IPv4 addresses. */
  readonly hosts?: readonly string[];
  /** Who signs it; itself without. */
  readonly issuer?: Issued;
  readonly is_authority?: boolean;
  /** In days from now. */
  readonly from_days?: number;
  readonly until_days?: number;
}

const day_ms = 86_400_000;
const here = ["localhost", "127.0.0.1"];

export function issue(facts: CertificateFacts): Issued {
  const { name, hosts = [], issuer, is_authority = false, from_days = -1, until_days = 30 } = facts;
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const extensions = [
    extension("2.5.29.19", sequence(...(is_authority ? [tlv(0x01, Buffer.from([0xff]))] : []))),
    ...(hosts.length === 0 ? [] : [extension("2.5.29.17", sequence(...hosts.map(hostName)))]),
  ];
  const content = sequence(
    tlv(0xa0, integer(2)),
    integer(Math.floor(Math.random() * 2 ** 31)),
    signature_algorithm,
    distinguishedName(issuer?.name ?? name),
    sequence(time(from_days), time(until_days)),
    distinguishedName(name),
    publicKey.export({ type: "spki", format: "der" }),
    tlv(0xa3, sequence(...extensions)),
  );
  const signature = sign("sha256", content, issuer?.private_key ?? privateKey);
  const der = sequence(content, signature_algorithm, tlv(0x03, Buffer.from([0]), signature));
  const lines = der.toString("base64").match(/.{1,64}/g)!;
  return {
    certificate: `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: "pkcs8", format: "pem" }),
    name,
    private_key: privateKey,
  };
}

/** The key under a passphrase, in PEM. */
export function encryptedKey({ private_key }: Issued, passphrase: string): string {
  return private_key.export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase });
}

/** Makes an authority and what it has signed, for `localhost` and 127.0.0.1 where nothing else is said. */
export function issueAll() {
  const authority = issue({ name: "test authority", is_authority: true });
  const stranger = issue({ name: "an authority that nobody knows", is_authority: true });
  const intermediate = issue({ name: "intermediate", is_authority: true, issuer: authority });
  const server = { name: "server", hosts: here, issuer: authority };
  return {
    authority,
    stranger,
    intermediate,
    good: issue(server),
    /** Only good where the server sends the intermediate certificate, too. */
    by_intermediate: issue({ ...server, issuer: intermediate }),
    by_stranger: issue({ ...server, issuer: stranger }),
    expired: issue({ ...server, from_days: -10, until_days: -1 }),
    not_yet_valid: issue({ ...server, from_days: 1 }),
    other_name: issue({ ...server, hosts: ["splunk.example.com"] }),
    self_signed: issue({ name: "self-signed", hosts: here }),
    client: issue({ name: "client", issuer: authority }),
    client_of_stranger: issue({ name: "client", issuer: stranger }),
  };
}

/** Tag, length, contents: ASN.1 in DER (X.690). */
function tlv(tag: number, ...contents: Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  const { length } = content;
  const long = length > 0xff ? [0x82, length >> 8, length & 0xff] : [0x81, length];
  return Buffer.concat([Buffer.from([tag, ...(length < 0x80 ? [length] : long)]), content]);
}

function sequence(...contents: Buffer[]): Buffer {
  return tlv(0x30, ...contents);
}

function integer(value: number): Buffer {
  const hex = value.toString(16);
  // The zero in front keeps it positive.
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, "hex");
  return tlv(0x02, bytes[0]! > 0x7f ? Buffer.concat([Buffer.from([0]), bytes]) : bytes);
}

function identifier(text: string): Buffer {
  const [first = 0, second = 0, ...others] = text.split(".").map(Number);
  const base128 = (value: number): number[] =>
    value < 0x80 ? [value] : [...base128(value >> 7).map((byte) => byte | 0x80), value & 0x7f];
  return tlv(0x06, Buffer.from([first * 40 + second, ...others.flatMap(base128)]));
}

const signature_algorithm = sequence(identifier("1.2.840.10045.4.3.2"));

function distinguishedName(name: string): Buffer {
  return sequence(tlv(0x31, sequence(identifier("2.5.4.3"), tlv(0x0c, Buffer.from(name)))));
}

function time(days: number): Buffer {
  const text = new Date(Date.now() + days * day_ms).toISOString().replaceAll(/[-:T]|\.\d+/g, "");
  return tlv(0x18, Buffer.from(text));
}

function extension(id: string, value: Buffer): Buffer {
  return sequence(identifier(id), tlv(0x04, value));
}

function hostName(host: string): Buffer {
  if (isIP(host) === 4) return tlv(0x87, Buffer.from(host.split(".").map(Number)));
  return tlv(0x82, Buffer.from(host));
}
