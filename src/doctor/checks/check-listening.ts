/**
 * The places where inputs receive: whether they are free and permitted, and whether the certificates there are good.
 *
 * A port is tried by listening at it for a moment. Nothing is made, replaced or removed for a UNIX socket.
 */
import { lstat, stat } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { dirname } from "node:path";
import type { Config } from "../../config/config.ts";
import type { InputOptions } from "../../config/inputs.ts";
import { isForDatagrams } from "../../inputs/socket/options.ts";
import { formatListenAddress, type ListenAddress } from "../../platform/sockets/listen-address.ts";
import { unixSocketsByInode } from "../../platform/sockets/listen-fds.ts";
import { groupId, userId } from "../../platform/accounts.ts";
import { messageOf } from "../../platform/errors.ts";
import { checkReceiverCertificate } from "./check-receiver-certificate.ts";
import { Findings, type Finding } from "../findings/finding.ts";
import { mayWriteTo, ownershipOf, thisUser } from "./permissions.ts";
import { holderOfPath, holderOfPort, type Holder } from "./socket-holders.ts";

const first_unprivileged_port = 1024;

/** `running` is the process id of the tallyman that runs on the same state directory, where one does. */
export async function checkListening(
  config: Config,
  context: { running: string | undefined; now_ms: number },
): Promise<Finding[]> {
  const found: Finding[] = [];
  for (const [name, input] of Object.entries(config.inputs)) {
    const findings = new Findings("listen", name);
    const place = placeOf(input);
    if (place === undefined) continue;
    found.push(
      await checkPlace(place, findings, { ...context, is_datagram: isForDatagrams(input) }),
    );
    if (input.type === "socket") found.push(...(await checkAccounts(input, findings)));
    if (input.type === "hec" && input.tls !== undefined) {
      found.push(await checkReceiverCertificate(input.tls, findings, context.now_ms));
    }
  }
  return found;
}

function placeOf(input: InputOptions): ListenAddress | undefined {
  if (input.type === "socket") return { kind: "unix", path: input.path };
  return input.type === "hec" ? input.listen : undefined;
}

async function checkPlace(
  place: ListenAddress,
  findings: Findings,
  { running, is_datagram }: { running: string | undefined; is_datagram: boolean },
): Promise<Finding> {
  const where = formatListenAddress(place);
  const trouble =
    place.kind === "tcp"
      ? await portTrouble(place)
      : ((is_datagram ? noDatagramSocket(place.path) : undefined) ??
        (await unixTrouble(place.path)));
  if (trouble === undefined) return findings.ok(`${where} is free`);
  if (trouble.kind === "other") return findings.fault(trouble.cause, trouble.message);
  const { holder } = trouble;
  if (running !== undefined && (holder === undefined || String(holder.pid) === running)) {
    return findings.ok(`the running tallyman listens at ${where}`);
  }
  // In a container the first process is some other one.
  if (holder?.pid === 1 && holder.name === "systemd") {
    return findings.ok(`systemd listens at ${where}, for tallyman`);
  }
  const who = holder === undefined ? "another process" : `${holder.name} (process ${holder.pid})`;
  const cause = place.kind === "unix" ? "socket_in_use" : "address_in_use";
  return findings.fault(cause, `${who} already listens at ${where}`);
}

type Trouble =
  | { readonly kind: "in_use"; readonly holder: Holder | undefined }
  | {
      readonly kind: "other";
      readonly cause:
        | "port_privileged"
        | "address_not_here"
        | "listen_refused"
        | "socket_path_taken"
        | "socket_directory_missing"
        | "socket_directory_closed"
        | "datagram_socket_missing";
      readonly message: string;
    };

/** The trouble where no datagram socket is bound at the path: that is for systemd to do, before tallyman starts. */
function noDatagramSocket(path: string): Trouble | undefined {
  const there = unixSocketsByInode()
    .values()
    .filter((each) => each.path === path);
  const kinds = [...there].map(({ kind }) => kind);
  if (kinds.includes("datagram")) return undefined;
  const message =
    kinds.length === 0
      ? `no datagram socket is at ${path}`
      : `the socket at ${path} is for connections, not for datagrams`;
  return { kind: "other", cause: "datagram_socket_missing", message };
}

async function portTrouble(place: ListenAddress & { kind: "tcp" }): Promise<Trouble | undefined> {
  const { host, port } = place;
  const error = await errorOfListening(host === undefined ? { port } : { host, port });
  if (error === undefined) return undefined;
  const where = formatListenAddress(place);
  if (error.code === "EADDRINUSE") return { kind: "in_use", holder: await holderOfPort(port) };
  if (error.code === "EACCES" && port < first_unprivileged_port) {
    const message = `user ${thisUser()} has no permission to listen at ${where}`;
    return { kind: "other", cause: "port_privileged", message };
  }
  if (error.code === "EADDRNOTAVAIL" || error.code === "ENOTFOUND") {
    const message = `${host} is not an address of this machine`;
    return { kind: "other", cause: "address_not_here", message };
  }
  const message = `cannot listen at ${where}: ${messageOf(error)}`;
  return { kind: "other", cause: "listen_refused", message };
}

function errorOfListening(place: {
  host?: string;
  port: number;
}): Promise<NodeJS.ErrnoException | undefined> {
  const { promise, resolve } = Promise.withResolvers<NodeJS.ErrnoException | undefined>();
  const server = createServer((socket) => socket.destroy());
  server.once("error", resolve);
  server.listen({ ...place, exclusive: true }, () => server.close(() => resolve(undefined)));
  return promise;
}

async function unixTrouble(path: string): Promise<Trouble | undefined> {
  const directory = dirname(path);
  const is_directory = await stat(directory).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
  if (!is_directory) {
    const message = `the directory ${directory} does not exist`;
    return { kind: "other", cause: "socket_directory_missing", message };
  }
  const there = await lstat(path).catch(() => undefined);
  if (there !== undefined && !there.isSocket()) {
    const message = `something other than a socket is at ${path}`;
    return { kind: "other", cause: "socket_path_taken", message };
  }
  if (there !== undefined && (await isLive(path))) {
    return { kind: "in_use", holder: await holderOfPath(path) };
  }
  if (await mayWriteTo(directory)) return undefined;
  const whose = await ownershipOf(directory);
  const message = `${directory} cannot be written by user ${thisUser()} (${whose})`;
  return { kind: "other", cause: "socket_directory_closed", message };
}

/** Whether somebody listens. What cannot be found out counts as somebody. */
function isLive(path: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(path, () => {
    socket.destroy();
    resolve(true);
  });
  socket.on("error", ({ code }: NodeJS.ErrnoException) => resolve(code !== "ECONNREFUSED"));
  return promise;
}

async function checkAccounts(
  { owner, group }: InputOptions & { type: "socket" },
  findings: Findings,
): Promise<Finding[]> {
  const found: Finding[] = [];
  if (owner !== undefined && (await userId(owner)) === undefined) {
    found.push(findings.fault("account_unknown", `there is no user ${owner}`));
  }
  if (group !== undefined && (await groupId(group)) === undefined) {
    found.push(findings.fault("account_unknown", `there is no group ${group}`));
  }
  return found;
}
