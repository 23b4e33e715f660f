/**
 * The files that TLS options name: reads them, and makes of them what connections need.
 */
import { createPrivateKey, type KeyObject, type X509Certificate } from "node:crypto";
import type { SecureContext } from "node:tls";
import { builtinCrypto } from "../builtin-crypto.ts";
import { messageOf } from "../errors.ts";
import { readShortFile } from "../files/short-file.ts";
import { builtinTls } from "./builtin-tls.ts";
import type { TlsOptions } from "./tls-options.ts";

/** The bundle of all public authorities has less than 1 MiB. */
const file_bytes_max = 4 * 1024 * 1024;

export interface TlsMistake {
  readonly option: "ca_file" | "cert_file" | "key_file";
  readonly message: string;
}

type TlsResult =
  | { readonly context: SecureContext; readonly mistakes: readonly [] }
  | { readonly context?: undefined; readonly mistakes: readonly TlsMistake[] };

/** Reads the files that the options name, and makes of them what connections need; or says what is wrong with them. */
export function readTls(options: TlsOptions): TlsResult {
  const mistakes: TlsMistake[] = [];
  const attempt = <T>(option: TlsMistake["option"], action: () => T): T | undefined => {
    try {
      return action();
    } catch (thrown) {
      mistakes.push({ option, message: messageOf(thrown) });
      return undefined;
    }
  };
  const { ca_file, cert_file, key_file, key_passphrase, min_version } = options;
  const passphrase = key_passphrase?.reveal();
  const ca = attempt("ca_file", () => (ca_file === undefined ? [] : readCertificates(ca_file)));
  const certificates = attempt("cert_file", () => cert_file && readCertificates(cert_file));
  const key = attempt("key_file", () => key_file && readKey(key_file, passphrase));
  if (certificates && key && !certificateIn(certificates[0]!).checkPrivateKey(key)) {
    const message = `the key in ${key_file} is not that of the certificate in ${cert_file}`;
    mistakes.push({ option: "key_file", message });
  }
  if (ca === undefined || mistakes.length > 0) return { mistakes };
  const context = attempt(cert_file === undefined ? "ca_file" : "cert_file", () =>
    builtinTls().createSecureContext({
      ca: ca_file === undefined ? trustedByMachine() : ca,
      // As in curl: who names an intermediate authority or the server's own certificate trusts just that.
      allowPartialTrustChain: ca_file !== undefined,
      minVersion: `TLSv${min_version}`,
      ...(certificates && { cert: certificates.join("\n") }),
      ...(key && { key: key.export({ type: "pkcs8", format: "pem" }) }),
    }),
  );
  return context === undefined ? { mistakes } : { context, mistakes: [] };
}

/** The certificates in a file, one text each. */
function readCertificates(file: string): string[] {
  const text = read(file);
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g);
  if (blocks === null) {
    throw new Error(`${file} holds no certificate in PEM ("-----BEGIN CERTIFICATE-----")`);
  }
  for (const [index, block] of blocks.entries()) {
    try {
      certificateIn(block);
    } catch (cause) {
      throw new Error(`certificate ${index + 1} in ${file} cannot be read`, { cause });
    }
  }
  return blocks;
}

function certificateIn(text: string): X509Certificate {
  const { X509Certificate: Certificate } = builtinCrypto();
  return new Certificate(text);
}

function readKey(file: string, passphrase: string | undefined): KeyObject {
  const text = read(file);
  if (!/-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/.test(text)) {
    throw new Error(`${file} holds no private key in PEM ("-----BEGIN PRIVATE KEY-----")`);
  }
  try {
    return createPrivateKey({ key: text, ...(passphrase !== undefined && { passphrase }) });
  } catch (cause) {
    const is_encrypted = /ENCRYPTED/.test(text);
    if (!is_encrypted) throw new Error(`the key in ${file} cannot be read`, { cause });
    const remedy =
      passphrase === undefined ? "set key_passphrase" : "key_passphrase does not open it";
    throw new Error(`the key in ${file} is encrypted; ${remedy}`, { cause });
  }
}

function read(file: string): string {
  try {
    return readShortFile(file, file_bytes_max);
  } catch (cause) {
    throw new Error(`the file ${file} ${messageOf(cause)}`, { cause });
  }
}

/** What Node trusts (NODE_EXTRA_CA_CERTS included) and what the machine's administrator does. */
function trustedByMachine(): string[] {
  const { getCACertificates } = builtinTls();
  // Most are in both, and each costs time.
  return [...new Set([...getCACertificates("default"), ...getCACertificates("system")])];
}
