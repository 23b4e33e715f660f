/**
 * What TLS connections are made with: the authorities that are trusted, and the client certificate and its key.
 *
 * Files that are replaced are used from the next connection on. What does not fit together then, such as a new
 * certificate while its key is still the old one, is not used: the last that did fit is.
 */
import { createPrivateKey, type KeyObject, type X509Certificate } from "node:crypto";
import type { SecureContext } from "node:tls";
import type { Clock } from "../../platform/clock.ts";
import { messageOf } from "../../platform/errors.ts";
import { statesOf } from "../../platform/files/file-state.ts";
import type { LogFacts, Logger } from "../../platform/log.ts";
import { builtinCrypto } from "../../platform/builtin-crypto.ts";
import { atMost } from "../../platform/patience.ts";
import { builtinTls } from "../../platform/sockets/builtin-tls.ts";
import { readShortFile } from "../../platform/files/short-file.ts";
import { ConnectionError } from "./failure.ts";
import type { TlsOptions } from "./network-options.ts";

/** The bundle of all public authorities has less than 1 MiB. */
const file_bytes_max = 4 * 1024 * 1024;
/** Files that cannot even be looked at within this time, on a network that hangs, are left for later. */
const look_ms_max = 1000;

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

/** The files of one output, read again when they are replaced. */
export class TlsContext {
  readonly #options: TlsOptions;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #logged: LogFacts;
  #context: SecureContext | undefined;
  /** What the files were like when they were last read. */
  #seen = "";
  #looking: Promise<SecureContext> | undefined;

  constructor(options: TlsOptions, clock: Clock, log: Logger, logged: LogFacts) {
    this.#clock = clock;
    this.#options = options;
    this.#log = log;
    this.#logged = logged;
  }

  /** What the next connection is made with. Throws ConnectionError where there is nothing that could be used. */
  async current(): Promise<SecureContext> {
    // One look at a time: each that hangs, on a network, keeps a thread that the rest of the agent needs.
    this.#looking ??= this.#look().finally(() => (this.#looking = undefined));
    if (this.#context === undefined) return this.#looking;
    await atMost(this.#looking, look_ms_max, this.#clock);
    return this.#context;
  }

  async #look(): Promise<SecureContext> {
    const { ca_file, cert_file, key_file, key_passphrase } = this.#options;
    const wrong = await key_passphrase?.refresh();
    if (wrong !== undefined) {
      const message =
        "The passphrase file has changed and cannot be used. The previous passphrase stays in use.";
      this.#log.warn("tls_passphrase_unusable", { ...this.#logged, wrong }, message);
    }
    const files = [ca_file, cert_file, key_file].filter((file) => file !== undefined);
    const state = `${await statesOf(files)}\n${key_passphrase?.generation}`;
    if (this.#context !== undefined && state === this.#seen) return this.#context;
    this.#seen = state;
    const { context, mistakes } = readTls(this.#options);
    if (context === undefined) return this.#kept(mistakes);
    if (this.#context !== undefined) {
      this.#log.info(
        "tls_files_replaced",
        { ...this.#logged, files },
        "The TLS files were replaced. New connections use them.",
      );
    }
    this.#context = context;
    return context;
  }

  #kept(mistakes: readonly TlsMistake[]): SecureContext {
    const wrong = mistakes.map(({ option, message }) => `tls.${option}: ${message}`);
    if (this.#context === undefined) throw new ConnectionError("ERR_TLS_FILES", wrong.join("; "));
    this.#log.warn(
      "tls_files_unusable",
      { ...this.#logged, wrong },
      "The TLS files were replaced and cannot be used. The previous ones stay in use.",
    );
    return this.#context;
  }
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
