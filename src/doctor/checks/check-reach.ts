/**
 * The way to a host: its name, and each of the addresses that it has.
 */
import { lookup } from "node:dns/promises";
import { connect, isIP } from "node:net";
import type { Clock } from "../../platform/clock.ts";
import { messageOf } from "../../platform/errors.ts";
import type { Cause } from "../findings/causes.ts";
import { Findings, type Finding } from "../findings/finding.ts";

/** How long an address has to take a connection. */
const connect_ms_max = 4000;
/** A name with more addresses than this is a large balancer's, of which some will do. */
const addresses_max = 8;

export interface Host {
  /** A name, or an address without brackets. */
  readonly host: string;
  readonly port: number;
}

/** The host and port of a URL. */
export function hostOf(url: string): Host {
  const { hostname, port, protocol } = new URL(url);
  const host = hostname.replace(/^\[(.*)\]$/, "$1");
  return { host, port: port === "" ? (protocol === "https:" ? 443 : 80) : Number(port) };
}

/** Looks the name up as connections do, and puts the addresses into `addresses`. */
export async function checkName(
  { host }: Host,
  subject: string,
  addresses: string[],
): Promise<Finding[]> {
  const findings = new Findings("dns", subject);
  if (isIP(host) !== 0) {
    addresses.push(host);
    return [findings.ok(`${host} is an IP address, nothing to look up`)];
  }
  try {
    const found = await lookup(host, { all: true, order: "verbatim" });
    addresses.push(...found.map(({ address }) => address));
    return [findings.ok(`${host} has ${addresses.slice(0, addresses_max).join(", ")}`)];
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    if (code === "ENOTFOUND") {
      return [findings.fault("name_unknown", `there is no host with the name ${host}`)];
    }
    return [findings.fault("name_resolution", `${host} cannot be looked up: ${messageOf(thrown)}`)];
  }
}

/** Opens a connection to every address at once; none is used. */
export async function checkAddresses(
  { port }: Host,
  addresses: readonly string[],
  context: { subject: string; clock: Clock },
): Promise<Finding[]> {
  const findings = new Findings("tcp", context.subject);
  const tried = addresses.slice(0, addresses_max);
  const results = await Promise.all(
    tried.map(async (host) => ({ host, error: await errorOfConnecting({ host, port }, context) })),
  );
  const silent = results.filter(({ error }) => error !== undefined);
  const errors = silent.map(({ host, error }) => `${host} port ${port}: ${error!.code}`).join(", ");
  if (silent.length === results.length) {
    const causes = silent.map(({ error }) => causeOf(error!.code));
    // Where one address refuses, the host is there, which says more than the silence of another one.
    const cause = causes.find((each) => each === "connection_refused") ?? causes[0] ?? "network";
    return [findings.fault(cause, errors)];
  }
  const ok = findings.ok(`port ${port} accepts connections`);
  // A name often has an address of a kind (IPv6) that this machine has no network for, or that a server on this
  // machine does not listen on, which costs nothing.
  const dead = silent.some(
    ({ host, error }) => causeOf(error!.code) !== "unreachable" && host !== "::1",
  );
  return dead ? [ok, findings.fault("address_silent", errors)] : [ok];
}

/** The cause that a system's error has where no connection can be made. */
function causeOf(code: string | undefined): Cause {
  if (code === "ECONNREFUSED") return "connection_refused";
  if (code === "ETIMEDOUT") return "timeout";
  const unreachable = ["EHOSTUNREACH", "ENETUNREACH", "EADDRNOTAVAIL", "EAFNOSUPPORT"];
  return unreachable.includes(code ?? "") ? "unreachable" : "network";
}

function errorOfConnecting(
  to: Host,
  { clock }: { clock: Clock },
): Promise<NodeJS.ErrnoException | undefined> {
  const { promise, resolve } = Promise.withResolvers<NodeJS.ErrnoException | undefined>();
  const socket = connect(to, () => resolve(undefined));
  socket.once("error", resolve);
  const timer = clock.after(connect_ms_max, () =>
    resolve(Object.assign(new Error("no answer"), { code: "ETIMEDOUT" })),
  );
  return promise.finally(() => {
    timer.cancel();
    socket.on("error", () => undefined);
    socket.destroy();
  });
}
