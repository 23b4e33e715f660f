/**
 * The certificates that a server shows, and what in them is the reason that they are not trusted.
 */
import type { DetailedPeerCertificate, TLSSocket } from "node:tls";
import { dayOf } from "./validity.ts";

/** A chain has three or four; one that leads in circles ends here. */
const chain_length_max = 10;
/** Of names; some certificates have hundreds. */
const shown_length_max = 300;

const certificate_causes = [
  "tls_expired",
  "tls_not_yet_valid",
  "tls_wrong_name",
  "tls_self_signed",
  "tls_unknown_authority",
] as const;

type CertificateCause = (typeof certificate_causes)[number];

/** Whether a look at the certificates can say more of it. */
export function isCertificateCause(cause: string): cause is CertificateCause {
  return (certificate_causes as readonly string[]).includes(cause);
}

/** The certificates that the server sent, its own first. */
export function chainOf(socket: TLSSocket): DetailedPeerCertificate[] {
  const chain: DetailedPeerCertificate[] = [];
  let next: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true);
  while (next?.valid_to !== undefined && !chain.includes(next) && chain.length < chain_length_max) {
    chain.push(next);
    next = next.issuerCertificate as DetailedPeerCertificate | undefined;
  }
  return chain;
}

/** Whom a certificate is for. */
export function nameOf({ subject }: DetailedPeerCertificate): string {
  return textOf(subject?.CN ?? subject?.O);
}

interface Distrust {
  readonly cause: CertificateCause | "tls_intermediate_missing";
  readonly message: string;
}

/** What is wrong with a chain of one certificate at least, given what the TLS library says of it. */
export function explainDistrust(
  cause: CertificateCause,
  chain: readonly DetailedPeerCertificate[],
  context: { has_ca_file: boolean; now_ms: number },
): Distrust {
  const { now_ms } = context;
  const leaf = chain[0]!;
  switch (cause) {
    case "tls_expired": {
      const old = chain.find(({ valid_to }) => new Date(valid_to).getTime() < now_ms) ?? leaf;
      const day = dayOf(new Date(old.valid_to));
      return { cause, message: `the certificate of ${nameOf(old)} expired on ${day}` };
    }
    case "tls_not_yet_valid": {
      const young = chain.find(({ valid_from }) => new Date(valid_from).getTime() > now_ms) ?? leaf;
      const day = dayOf(new Date(young.valid_from));
      return { cause, message: `the certificate of ${nameOf(young)} is not valid before ${day}` };
    }
    case "tls_wrong_name": {
      const names = textOf(leaf.subjectaltname ?? "no name at all");
      return { cause, message: `the server's certificate is for ${names}` };
    }
    case "tls_self_signed":
      return { cause, message: `the server's certificate, ${nameOf(leaf)}, is self-signed` };
    case "tls_unknown_authority":
      return explainAuthority(chain, context.has_ca_file);
  }
}

/**
 * A chain that ends before an authority that is trusted: either that authority is private, or the server leaves out
 * what stands between. Public authorities say in a certificate where theirs can be fetched (RFC 5280, 4.2.2.1).
 */
function explainAuthority(
  chain: readonly DetailedPeerCertificate[],
  has_ca_file: boolean,
): Distrust {
  const leaf = chain[0]!;
  const of = `the server's certificate is issued by ${textOf(leaf.issuer.CN ?? leaf.issuer.O)}`;
  const is_public = Object.keys(leaf.infoAccess ?? {}).some((key) => key.startsWith("CA Issuers"));
  if (chain.length === 1 && (is_public || has_ca_file)) {
    const trusted = has_ca_file ? "in tls.ca_file" : "trusted on this machine";
    const message = `${of}, whose certificate is not ${trusted}, and the server does not send it`;
    return { cause: "tls_intermediate_missing", message };
  }
  const why = has_ca_file ? "which tls.ca_file does not hold" : "which this machine does not trust";
  return { cause: "tls_unknown_authority", message: `${of}, ${why}` };
}

/** A name may be there several times, and be of any length. */
function textOf(name: string | string[] | undefined): string {
  const text = [name ?? "(no name)"].flat().join(", ");
  return text.length > shown_length_max ? `${text.slice(0, shown_length_max)}…` : text;
}
