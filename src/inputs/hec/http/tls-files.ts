/**
 * The certificate and key of a receiver: read and checked before they are used.
 */
import { readFile } from "node:fs/promises";
import { createSecureContext } from "node:tls";
import { messageOf, TallymanError } from "../../../platform/errors.ts";
import type { HecInputOptions } from "../options.ts";

export interface TlsFiles {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** Reads them. Throws TallymanError listen_failed where they cannot be read, or cannot be used together. */
export async function readTlsFiles(tls: NonNullable<HecInputOptions["tls"]>): Promise<TlsFiles> {
  try {
    const [cert, key] = await Promise.all([readFile(tls.cert), readFile(tls.key)]);
    createSecureContext({ cert, key });
    return { cert, key };
  } catch (cause) {
    const message = `cannot use the certificate ${tls.cert} and its key: ${messageOf(cause)}`;
    throw new TallymanError("listen_failed", message, {}, { cause });
  }
}
