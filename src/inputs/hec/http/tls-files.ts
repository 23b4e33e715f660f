/**
 * The certificate and key of a receiver: read and checked before they are used.
 */
import { builtinTls } from "../../../platform/sockets/builtin-tls.ts";
import { messageOf, TallymanError } from "../../../platform/errors.ts";
import { readShortFileAside } from "../../../platform/files/short-file.ts";
import type { HecInputOptions } from "../options.ts";

/** The longest chains have some ten KiB. */
const file_bytes_max = 1024 * 1024;

/** Both in PEM. */
export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
}

/** Reads them. Throws TallymanError listen_failed where they cannot be read, or cannot be used together. */
export async function readTlsFiles(tls: NonNullable<HecInputOptions["tls"]>): Promise<TlsFiles> {
  const [cert, key] = await Promise.all([read(tls.cert), read(tls.key)]);
  try {
    builtinTls().createSecureContext({ cert, key });
    return { cert, key };
  } catch (cause) {
    throw unusable(
      `cannot use the certificate ${tls.cert} and its key: ${messageOf(cause)}`,
      cause,
    );
  }
}

async function read(file: string): Promise<string> {
  try {
    return await readShortFileAside(file, file_bytes_max);
  } catch (cause) {
    throw unusable(`cannot use the certificate or key: ${file} ${messageOf(cause)}`, cause);
  }
}

function unusable(message: string, cause: unknown): TallymanError {
  return new TallymanError("listen_failed", message, {}, { cause });
}
