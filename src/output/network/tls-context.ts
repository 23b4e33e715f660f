/**
 * What TLS connections are made with: the authorities that are trusted, and the client certificate and its key.
 *
 * Files that are replaced are used from the next connection on. What does not fit together then, such as a new
 * certificate while its key is still the old one, is not used: the last that did fit is.
 */
import type { SecureContext } from "node:tls";
import type { Clock } from "../../platform/clock.ts";
import { statesOf } from "../../platform/files/file-state.ts";
import type { LogFacts, Logger } from "../../platform/log.ts";
import { atMost } from "../../platform/patience.ts";
import { readTls, type TlsMistake } from "../../platform/sockets/client-tls.ts";
import type { TlsOptions } from "../../platform/sockets/tls-options.ts";
import { ConnectionError } from "./failure.ts";

/** Files that cannot even be looked at within this time, on a network that hangs, are left for later. */
const look_ms_max = 1000;

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
