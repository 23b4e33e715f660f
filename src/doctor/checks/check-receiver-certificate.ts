/**
 * The certificate that an HEC receiver shows to its senders: whether it can be used, and how long.
 */
import type { X509Certificate } from "node:crypto";
import { readTlsFiles } from "../../inputs/hec/http/tls-files.ts";
import { builtinCrypto } from "../../platform/builtin-crypto.ts";
import { messageOf } from "../../platform/errors.ts";
import type { Finding, Findings } from "../findings/finding.ts";
import { dayOf, expiryOf } from "./validity.ts";

export async function checkReceiverCertificate(
  files: { readonly cert: string; readonly key: string },
  findings: Findings,
  now_ms: number,
): Promise<Finding> {
  let certificate: X509Certificate;
  try {
    const { X509Certificate: Certificate } = builtinCrypto();
    certificate = new Certificate((await readTlsFiles(files)).cert);
  } catch (thrown) {
    return findings.fault("receiver_certificate", messageOf(thrown));
  }
  const { validToDate } = certificate;
  const day = dayOf(validToDate);
  switch (expiryOf(validToDate, now_ms)) {
    case "past":
      return findings.fault("receiver_certificate_expired", `${files.cert} expired on ${day}`);
    case "soon":
      return findings.fault("receiver_certificate_expires_soon", `${files.cert} expires on ${day}`);
    case "later":
      return findings.ok(`${files.cert} is valid until ${day}`);
  }
}
