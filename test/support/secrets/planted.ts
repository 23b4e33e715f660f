/**
 * Secrets to plant, made from a seed: of valid shapes, with the checksums that they have. None of them is written down here,
 * so that no scanner of repositories takes one for real.
 */
import { createHash, createHmac } from "node:crypto";
import { crc32 } from "node:zlib";
import type { RandomSource } from "../random/random-source.ts";

/** A secret as it stands in a text. */
export interface Planted {
  readonly detector: string;
  /** What stands in the text. */
  readonly text: string;
  /** The part of it that must not be left. */
  readonly secret: string;
}

type Make = (random: RandomSource) => { text: string; secret: string };

const lower = "abcdefghijklmnopqrstuvwxyz";
const digits = "0123456789";
const alphanumeric = lower + lower.toUpperCase() + digits;
const hexadecimal = "0123456789abcdef";

export function characters(random: RandomSource, length: number, of = alphanumeric): string {
  let text = "";
  for (let count = 0; count < length; count += 1) text += of[random.between(0, of.length - 1)]!;
  return text;
}

export function guid(random: RandomSource): string {
  return [8, 4, 4, 4, 12].map((length) => characters(random, length, hexadecimal)).join("-");
}

export function base64Of(random: RandomSource, length: number): string {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length; at += 1) bytes[at] = random.between(0, 255);
  return bytes.toString("base64");
}

/** A token that is secret as a whole. */
function whole(make: (random: RandomSource) => string): Make {
  return (random) => {
    const text = make(random);
    return { text, secret: text };
  };
}

/** A secret in something. */
function within(before: string, make: (random: RandomSource) => string, after = ""): Make {
  return (random) => {
    const secret = make(random);
    return { text: before + secret + after, secret };
  };
}

function signature(random: RandomSource): string {
  return createHmac("sha256", characters(random, 40)).update("x").digest("hex");
}

function headerV4(random: RandomSource): { text: string; secret: string } {
  const secret = signature(random);
  const id = `AKIA${characters(random, 16, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")}`;
  const text = `AWS4-HMAC-SHA256 Credential=${id}/20250321/us-east-1/s3/aws4_request, SignedHeaders=host;x-amz-date, Signature=${secret}`;
  return { text, secret };
}

function signatureV2(random: RandomSource): string {
  return createHmac("sha1", characters(random, 40)).update("x").digest("base64");
}

const base62 = digits + lower.toUpperCase() + lower;

/** The last six characters are a CRC-32 in base 62. */
function github(random: RandomSource): string {
  const entropy = characters(random, 30);
  let sum = crc32(entropy);
  let encoded = "";
  while (sum > 0) {
    encoded = base62[sum % 62]! + encoded;
    sum = Math.floor(sum / 62);
  }
  const prefix = random.one(["p", "o", "u", "s", "r"]);
  return `${["gh", prefix, "_"].join("")}${entropy}${encoded.padStart(6, "0")}`;
}

function jwt(random: RandomSource): string {
  const encode = (value: object): string =>
    Buffer.from(JSON.stringify(value)).toString("base64url");
  const body = `${encode({ alg: "HS256", typ: "JWT" })}.${encode({ sub: characters(random, 8) })}`;
  return `${body}.${createHmac("sha256", characters(random, 8)).update(body).digest("base64url")}`;
}

/** The bytes before a private key, as PKCS #8 has one of Ed25519, and SEC 1 one of P-256; and those behind it. */
const key_forms = [
  ["PRIVATE KEY", "302e020100300506032b657004220420", ""],
  ["EC PRIVATE KEY", "30310201010420", "a00a06082a8648ce3d030107"],
] as const;

/** A key in PEM, whole or without its end. */
function privateKey(random: RandomSource): { text: string; secret: string } {
  const [label, before, behind] = random.one(key_forms);
  const own = Buffer.from(characters(random, 64, hexadecimal), "hex");
  const der = Buffer.concat([Buffer.from(before, "hex"), own, Buffer.from(behind, "hex")]);
  const body = der.toString("base64").match(/.{1,64}/g)!;
  const lines = [`-----BEGIN ${label}-----`, ...body];
  if (random.chance(0.5)) lines.push(`-----END ${label}-----`, "");
  return { text: lines.join("\n"), secret: body[0] };
}

/** Names that are put together, for the same reason. */
const prefix = (...parts: string[]): string => parts.join("");

function password(random: RandomSource): string {
  return `${characters(random, 4)}7${characters(random, 6)}`;
}

const kinds: readonly (readonly [string, Make])[] = [
  ["aws-sigv4", headerV4],
  [
    "aws-sigv4",
    within("https://b.s3.amazonaws.com/k?X-Amz-Expires=300&X-Amz-Signature=", signature, "&x=1"),
  ],
  ["aws-sigv4", within("X-Amz-Expires%3D300%26X-Amz-Signature%3D", signature, "%26x%3D1")],
  ["aws-sigv2", within("AWS AKIAEXAMPLE7EXAMPLE2:", signatureV2)],
  [
    "aws-sigv2",
    within("/b/k?AWSAccessKeyId=AKIAEXAMPLE7EXAMPLE2&Expires=1&Signature=", (random) =>
      encodeURIComponent(signatureV2(random)),
    ),
  ],
  [
    "aws-session-token",
    within("X-Amz-Security-Token=", (random) => encodeURIComponent(base64Of(random, 120)), "&x=1"),
  ],
  ["aws-secret-key", within("aws_secret_access_key=", (random) => base64Of(random, 30))],
  [
    "sse-c",
    within("x-amz-server-side-encryption-customer-key: ", (random) => base64Of(random, 32)),
  ],
  ["sts", within("Action=AssumeRole&WebIdentityToken=", jwt, "&Version=1")],
  [
    "azure-storage",
    within("AccountName=x;AccountKey=", (random) => base64Of(random, 64), ";EndpointSuffix=y"),
  ],
  ["authorization", within("Authorization: Custom ", (random) => characters(random, 20))],
  ["cookie", within("Cookie: theme=; session=", (random) => characters(random, 24))],
  ["bearer", within("Bearer ", (random) => characters(random, 24))],
  [
    "basic",
    within("Basic ", (random) => Buffer.from(`ann:${password(random)}`).toString("base64")),
  ],
  [
    "digest",
    within(
      'Digest username="ann", realm="r", response="',
      (random) => createHash("md5").update(characters(random, 9)).digest("hex"),
      '", qop=auth',
    ),
  ],
  ["scheme", within("Negotiate ", (random) => base64Of(random, 60))],
  ["splunk-hec", within("Splunk ", guid)],
  ["jwt", whole(jwt)],
  ["private-key", privateKey],
  ["url-password", within("postgres://ann:", password, "@db.example.com:5432/x")],
  ["command-line", within("mysqladmin --password ", password, " status")],
  ["command-line", within("sshpass -p ", password, " ssh host")],
  ["command-line", within("curl -s -u ann:", password, " https://host")],
  ["command-line", within("mysql -u root -p", password, " -e x")],
  ["command-line", within("exec?command=mysqldump&command=--password&command=", password)],
  ["command-line", within("redis-cli -h db -a ", password, " ping")],
  ["command-line", within("ldapsearch -x -D cn=a -w ", password, " -b x")],
  ["command-line", within("openssl rsa -in k -passin pass:", password)],
  ["sql-password", within("ALTER ROLE app PASSWORD '", password, "'")],
  ["sql-password", within("SET PASSWORD FOR app = PASSWORD('", password, "')")],
  ["sql-password", within("CREATE USER a IDENTIFIED WITH caching_sha2 BY '", password, "'")],
  ["password", within("the db password = ", password, " failed")],
  ["password", within("ALTER LOGIN app WITH PASSWORD = N'", password, "'")],
  ["password", within("got {u'password': u'", password, "'}")],
  ["password", within("a=1&user[password]=", password, "&b=2")],
  ["password", within("<login><password>", password, "</password></login>")],
  ["url-password", within("app:", password, "@tcp(db:3306)/x")],
  [
    "aws-secret-key",
    within("aws configure set aws_secret_access_key ", (random) => `aB1${characters(random, 37)}`),
  ],
  ["password-hash", whole((random) => `$6$${characters(random, 8)}$${characters(random, 86)}`)],
  ["password", within("/api/login?user=x&access_token=", password, "&y=1")],
  ["password", within("login with password=", password, " failed")],
  ["password", within("machine h.example login ann password ", password, " port 5")],
  ["password", within("Kennwort: ", password, " stimmt nicht")],
  ["password", within("db_passwort=", password)],
  ["password", within("a=1&user[password_confirmation]=", password, "&b=2")],
  [
    "vault",
    whole((random) => prefix("hv", random.one(["s", "b", "r"]), ".CAESI", characters(random, 90))),
  ],
  ["github", whole(github)],
  [
    "github",
    whole((random) => prefix("gh", "s_", characters(random, 300), ".", characters(random, 200))),
  ],
  [
    "github",
    whole((random) =>
      prefix("github", "_pat_", characters(random, 22), "_", characters(random, 59)),
    ),
  ],
  ["gitlab", whole((random) => prefix("gl", "pat-", characters(random, 20)))],
  [
    "slack",
    whole((random) =>
      prefix(
        "xo",
        "xb-",
        characters(random, 12, digits),
        "-",
        characters(random, 12, digits),
        "-",
        characters(random, 24),
      ),
    ),
  ],
  ["npm", whole((random) => prefix("np", "m_", characters(random, 36)))],
  [
    "grafana",
    whole((random) =>
      prefix("gl", "sa_", characters(random, 32), "_", characters(random, 8, hexadecimal)),
    ),
  ],
  ["gcp", whole((random) => prefix("AI", "za", characters(random, 35)))],
  ["stripe", whole((random) => prefix("sk_", "live_", characters(random, 24)))],
  ["openai", whole((random) => prefix("sk-", "proj-", characters(random, 60)))],
  [
    "openai",
    whole((random) =>
      prefix("sk-", characters(random, 20), "T3Blbk", "FJ", characters(random, 20)),
    ),
  ],
  ["anthropic", whole((random) => prefix("sk-", "ant-", "api03-", characters(random, 90), "AA"))],
  ["registry", whole((random) => prefix("dckr", "_pat_", characters(random, 27)))],
];

/** One secret of each kind. */
export function plantedSecrets(random: RandomSource): Planted[] {
  return kinds.map(([detector, make]) => ({ detector, ...make(random) }));
}
