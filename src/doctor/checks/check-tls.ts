/**
 * The TLS of a server: the connection that the output would open, and where that fails, why.
 *
 * The first look is made by the output's own Connector, with all that is set for it. Only where that refuses the
 * certificate is there a second one, which looks at it without believing it; nothing is sent there.
 */
import type { Socket } from "node:net";
import { TLSSocket, type DetailedPeerCertificate } from "node:tls";
import { Connector } from "../../output/network/connection.ts";
import { failureOf } from "../../output/network/failure.ts";
import type { NetworkOptions } from "../../output/network/network-options.ts";
import type { TransportFailure } from "../../output/network/failure.ts";
import type { Clock } from "../../platform/clock.ts";
import { silentLogger } from "../../platform/log.ts";
import type { Cause } from "../findings/causes.ts";
import { chainOf, explainDistrust, isCertificateCause, nameOf } from "./certificate-chain.ts";
import { hostOf } from "./check-reach.ts";
import type { Finding, Findings } from "../findings/finding.ts";
import { dayOf, expiryOf } from "./validity.ts";

/** How long a server has to break off because of a client certificate: TLS 1.3 does so after the handshake. */
const second_thought_ms_max = 700;

export interface TlsCheckDeps {
  readonly url: string;
  readonly network: NetworkOptions;
  readonly clock: Clock;
}

/** What a handshake showed, for `socket` is open, or the failure of it. */
export type Handshake = { readonly socket: Socket } | { readonly failure: TransportFailure };

/** Opens a connection as the output does. */
export async function openAsOutput(deps: TlsCheckDeps): Promise<Handshake> {
  const connector = new Connector({ ...deps, log: silentLogger });
  try {
    return { socket: await connector.open() };
  } catch (thrown) {
    return { failure: failureOf(thrown) };
  }
}

/** Whether TLS is spoken where an http:// URL leads. Nothing is sent there. */
export async function speaksTls(deps: TlsCheckDeps): Promise<boolean> {
  const { hostname } = new URL(deps.url);
  const url = `https://${hostname}:${hostOf(deps.url).port}`;
  const tls = { ...deps.network.tls, verify: false };
  const handshake = await openAsOutput({ ...deps, url, network: { ...deps.network, tls } });
  if ("failure" in handshake) return causeOf(handshake.failure.code) === "tls_too_old";
  handshake.socket.destroy();
  return true;
}

/** What there is to say of an open connection. Closes it. */
export async function checkOpened(
  socket: Socket,
  deps: TlsCheckDeps,
  findings: Findings,
): Promise<Finding[]> {
  if (!(socket instanceof TLSSocket)) {
    socket.destroy();
    return [findings.skipped("an http:// URL has no TLS")];
  }
  const asked = socket.getSharedSigalgs().length > 0;
  const refused = asked ? await secondThought(socket, deps.clock) : undefined;
  const chain = chainOf(socket);
  const protocol = socket.getProtocol();
  const { verify, cert_file } = deps.network.tls;
  const distrust = socket.authorized ? undefined : String(socket.authorizationError);
  socket.destroy();
  if (refused !== undefined) {
    const given = cert_file === undefined ? "none is set" : `${cert_file} is not accepted`;
    const message = `the server requires a client certificate, and ${given} (${refused})`;
    return [findings.fault("tls_client_certificate", message)];
  }
  const now_ms = deps.clock.now();
  const ends = chain.map(({ valid_to }) => new Date(valid_to));
  const first = ends.reduce((one, other) => (other < one ? other : one));
  const found = [findings.ok(`${protocol}, certificate valid until ${dayOf(first)}`)];
  if (!verify) {
    const why = distrust === undefined ? "" : `; with it: ${distrust}`;
    found.push(findings.fault("tls_unverified", `tls.verify is false${why}`));
  }
  if (expiryOf(first, now_ms) === "soon") {
    const which = chain[ends.indexOf(first)]!;
    const message = `the certificate of ${nameOf(which)} expires on ${dayOf(first)}`;
    found.push(findings.fault("tls_expires_soon", message));
  }
  return found;
}

/** Why a handshake failed. */
export async function explainFailure(
  failure: TransportFailure,
  deps: TlsCheckDeps,
  findings: Findings,
): Promise<Finding> {
  const cause = causeOf(failure.code);
  if (!isCertificateCause(cause)) {
    return findings.fault(cause, `${failure.code}: ${failure.message}`);
  }
  const chain = await untrustedChain(deps);
  if (chain.length === 0) return findings.fault(cause, failure.message);
  const has_ca_file = deps.network.tls.ca_file !== undefined;
  const { cause: known, message } = explainDistrust(cause, chain, {
    has_ca_file,
    now_ms: deps.clock.now(),
  });
  return findings.fault(known, message);
}

/** By what the codes of Node, OpenSSL and tallyman's connections end with: alerts begin differently in each version. */
const causes_by_code: readonly (readonly [RegExp, Cause])[] = [
  [/^CERT_HAS_EXPIRED$/, "tls_expired"],
  [/^CERT_NOT_YET_VALID$/, "tls_not_yet_valid"],
  [/^DEPTH_ZERO_SELF_SIGNED_CERT$/, "tls_self_signed"],
  [/^SELF_SIGNED_CERT_IN_CHAIN$|^UNABLE_TO_/, "tls_unknown_authority"],
  [/^ERR_TLS_CERT_ALTNAME_INVALID$/, "tls_wrong_name"],
  [/ALERT_PROTOCOL_VERSION$|UNSUPPORTED_PROTOCOL$|NO_PROTOCOLS_AVAILABLE$/, "tls_too_old"],
  [
    /(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|UNKNOWN_PROTOCOL|RECORD_LAYER_FAILURE)$/,
    "tls_not_spoken",
  ],
  [
    /ALERT_(CERTIFICATE_REQUIRED|UNKNOWN_CA|BAD_CERTIFICATE|CERTIFICATE_\w+)$/,
    "tls_client_certificate",
  ],
  [/ALERT_HANDSHAKE_FAILURE$/, "tls_broken_off"],
  [/^ERR_TLS_FILES$/, "tls_files"],
  [/^PROXY_UNREACHABLE$/, "proxy_unreachable"],
  [/^PROXY_AUTHENTICATION$/, "proxy_authentication"],
  [/^PROXY_REFUSED$/, "proxy_refused"],
  [/^PROXY_TLS$/, "proxy_tls"],
  [/^PROXY_/, "proxy_error"],
  [/^ETIMEDOUT$/, "timeout"],
  [/^ECONNRESET$|^EPIPE$/, "connection_reset"],
  [/^ECONNREFUSED$/, "connection_refused"],
  [/^ENOTFOUND$/, "name_unknown"],
  [/^EAI_AGAIN$/, "name_resolution"],
];

/** The cause of a connection that could not be opened. */
export function causeOf(code: string): Cause {
  return causes_by_code.find(([pattern]) => pattern.test(code))?.[1] ?? "tls";
}

async function untrustedChain(deps: TlsCheckDeps): Promise<DetailedPeerCertificate[]> {
  const tls = { ...deps.network.tls, verify: false };
  const look = await openAsOutput({ ...deps, network: { ...deps.network, tls } });
  if ("failure" in look) return [];
  const chain = look.socket instanceof TLSSocket ? chainOf(look.socket) : [];
  look.socket.destroy();
  return chain;
}

/** The code with which the server breaks off after the handshake; undefined where it does not. */
async function secondThought(socket: TLSSocket, clock: Clock): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  socket.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  socket.on("close", () => resolve("closed"));
  socket.resume();
  const timer = clock.after(second_thought_ms_max, () => resolve(undefined));
  const broken_off = await promise;
  timer.cancel();
  return broken_off;
}
