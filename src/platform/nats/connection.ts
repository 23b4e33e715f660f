/**
 * A connection to a cluster of NATS that is tried again for as long as it takes, at the start and later.
 *
 * The client's library is loaded when the first connection is opened, so that nobody else pays for it.
 */
import type {
  Authenticator,
  MsgHdrs,
  NatsConnection,
  NodeConnectionOptions,
  Subscription,
} from "@nats-io/transport-node";
import type { Clock } from "../clock.ts";
import { messageOf } from "../errors.ts";
import type { LogFacts, Logger } from "../log.ts";
import { atMost } from "../patience.ts";
import { Reminder } from "../reminder.ts";
import { WriteOutage } from "../write-outage.ts";
import type { NatsClient } from "./client.ts";
import type { NatsAccess } from "./options.ts";
import { Silence } from "./silence.ts";
import { inboxPrefix, type Role } from "./subjects.ts";
import { NatsTls } from "./tls.ts";

export type { NatsConnection, Subscription };

const retry_ms = 1000;
const ping_ms = 10_000;
const close_ms_max = 1000;
/** So long without a server is waited for one by who only has something to finish over a link: it may never come back. */
export const unreached_ms_max = 30_000;

export interface NatsLinkDeps {
  role: Role;
  /** Whose it is, a word of a subject. Its inbox is called so, too. */
  name: string;
  clock: Clock;
  log: Logger;
  /** What each line in the log carries. */
  logged: LogFacts;
  /** Called with a connection that is new, before anything else is done with it: to subscribe. */
  onOpen?: (connection: NatsConnection) => void;
  /** Called whenever the cluster is reached, also again. */
  onUp?: () => void;
}

export class NatsLink {
  readonly #options: NatsAccess;
  readonly #deps: NatsLinkDeps;
  readonly #outage: WriteOutage;
  readonly #refusals: Reminder<string>;
  readonly #closing = new AbortController();
  #client: NatsClient | undefined;
  #connection: NatsConnection | undefined;
  #up = false;
  /** When it was reached last, or began to be tried; monotonic. */
  #reached_ms: number;
  readonly #silence: Silence;
  /** The server that was left since it answered nothing, until another one is tried. */
  #left: string | undefined;
  /** What the server last forbade, until something is heard of a success. */
  forbidden: string | undefined;
  #running: Promise<void> | undefined;

  constructor(options: NatsAccess, deps: NatsLinkDeps) {
    this.#options = options;
    this.#deps = deps;
    this.#reached_ms = deps.clock.monotonic();
    this.#refusals = new Reminder(deps.clock);
    this.#silence = new Silence(deps.clock);
    this.#outage = new WriteOutage({
      clock: deps.clock,
      log: deps.log,
      logged: { ...deps.logged, servers: options.servers },
      lines: {
        began: {
          level: "error",
          code: "nats_unreachable",
          message:
            "No NATS server can be reached. Nothing is lost; it is tried again every second.",
        },
        ended: { level: "info", code: "nats_reached", message: "A NATS server is reached again." },
      },
    });
  }

  /** Undefined while there is none. */
  get connection(): NatsConnection | undefined {
    return this.#up ? this.#connection : undefined;
  }

  get since_ms(): number | undefined {
    return this.#outage.since_ms;
  }

  /** How long no server has been reached. */
  get unreached_ms(): number {
    return this.#up ? 0 : this.#deps.clock.monotonic() - this.#reached_ms;
  }

  /** Where it is connected to. */
  get server(): string | undefined {
    return this.connection?.getServer();
  }

  /** Notes that what was asked was answered. */
  answered(): void {
    this.#silence.answered();
  }

  /** Notes that it was not, over this connection. Where that lasts, another server is tried, if there is one. */
  unanswered(asked: NatsConnection): void {
    if (this.connection !== asked || !this.#silence.unanswered()) return;
    if (this.#options.servers.length === 1) return;
    const server = asked.getServer();
    this.#left = server;
    this.#deps.log.warn(
      "nats_server_left",
      { ...this.#deps.logged, server },
      "A NATS server has answered nothing for some time. Another one is tried.",
    );
    void asked.reconnect().catch(() => undefined);
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Never rejects, and ends in bounded time. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#goDown();
    const closed = this.#client?.close();
    await atMost(Promise.all([closed, this.#running]), close_ms_max, this.#deps.clock);
  }

  async #run(): Promise<void> {
    const { clock } = this.#deps;
    const stop = this.#closing.signal;
    while (!stop.aborted) {
      try {
        const connecting = this.#connect();
        void this.#noteRefusal(connecting);
        await this.#use(await connecting);
      } catch (cause) {
        if (stop.aborted) return;
        this.#outage.failed(cause);
        await this.#refreshSecrets();
      }
      await clock.sleep(retry_ms, stop);
    }
  }

  /**
   * The library goes on by itself for as long as the servers of a cluster refuse the user or the password, and says nothing of it.
   * What they are refused for may be replaced meanwhile.
   */
  async #noteRefusal(connecting: Promise<NatsConnection>): Promise<void> {
    const { clock } = this.#deps;
    const { servers, connect_timeout, user, nkey, credentials } = this.#options;
    const over = new AbortController();
    const end = (): void => over.abort();
    void connecting.then(end, end);
    const isOver = (): boolean => over.signal.aborted || this.#closing.signal.aborted;
    await clock.sleep(servers.length * connect_timeout + retry_ms, over.signal);
    if (isOver()) return;
    const given = Object.entries({ user, nkey, credentials }).find(([, value]) => value);
    const what = given === undefined ? "no user is given" : `see \`${given[0]}\` and their logs`;
    this.#outage.failed(new Error(`no server has let it in: ${what}`));
    while (!isOver()) {
      await this.#refreshSecrets();
      await clock.sleep(retry_ms, over.signal);
    }
  }

  /** Until it is closed for good. */
  async #use(connection: NatsConnection): Promise<void> {
    this.#connection = connection;
    this.#deps.onOpen?.(connection);
    this.#goUp();
    void this.#watch(connection);
    const error = await connection.closed();
    this.#goDown();
    if (!this.#closing.signal.aborted) this.#outage.failed(error ?? new Error("it was closed"));
  }

  async #watch(connection: NatsConnection): Promise<void> {
    for await (const status of connection.status()) {
      if (this.#closing.signal.aborted) return;
      if (status.type === "disconnect") {
        this.#goDown();
        this.#outage.failed(this.#client?.takeFault() ?? new Error("the connection was lost"));
        await this.#refreshSecrets();
      } else if (status.type === "reconnect") this.#goUp();
      else if (status.type === "error") this.#refused(status.error);
    }
  }

  #goUp(): void {
    this.#up = true;
    this.forbidden = undefined;
    this.#outage.worked();
    this.#deps.onUp?.();
  }

  #goDown(): void {
    if (this.#up) this.#reached_ms = this.#deps.clock.monotonic();
    this.#up = false;
  }

  #refused(error: Error): void {
    const { log, logged } = this.#deps;
    const text = messageOf(error);
    if (error.name === "PermissionViolationError") this.forbidden = text;
    if (this.#refusals.due(error.name) === 0) return;
    log.error(
      "nats_refused",
      { ...logged, error: text },
      "The NATS server refuses a subject or a request.",
    );
  }

  async #connect(): Promise<NatsConnection> {
    const [library, { NatsClient: Client }] = await Promise.all([
      import("@nats-io/transport-node"),
      import("./client.ts"),
    ]);
    if (this.#closing.signal.aborted) throw new Error("it is closed");
    const { servers, connect_timeout, prefix } = this.#options;
    const { name, role } = this.#deps;
    const is_secure = servers.some((url) => url.startsWith("tls:"));
    const tls = is_secure ? new NatsTls(this.#options.tls) : undefined;
    const given = this.#authenticator(library);
    const authenticator = tls === undefined ? given : tls.guard(given);
    const hosts = servers.map((url) => url.replace(/^[a-z]+:\/\//, ""));
    const wanted: NodeConnectionOptions = {
      servers: hosts,
      name: `tallyman ${role} ${name}`,
      inboxPrefix: inboxPrefix(prefix, role, name),
      timeout: connect_timeout,
      maxReconnectAttempts: -1,
      reconnectTimeWait: retry_ms,
      ignoreAuthErrorAbort: true,
      pingInterval: ping_ms,
      noAsyncTraces: true,
      reconnectToServer: (candidates) => {
        const left = this.#left;
        this.#left = undefined;
        if (left === undefined) return null;
        return candidates.find(({ listen }) => listen !== left) ?? null;
      },
      ...(authenticator && { authenticator }),
      ...(tls && { tls: tls.options }),
    };
    const client = new Client(wanted, this.#deps.clock);
    this.#client = client;
    const connection = await client.open();
    // Of those it tried first and could not reach the library would never try one again.
    const known = connection.getServers().map(({ listen }) => listen);
    connection.setServers([...new Set([...known, ...hosts])]);
    return connection;
  }

  #authenticator(library: typeof import("@nats-io/transport-node")): Authenticator | undefined {
    const { credentials, nkey, user, password } = this.#options;
    const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
    // The library finds the seed only where a line end follows its frame; `${file:…}` leaves the last one out.
    if (credentials !== undefined)
      return library.credsAuthenticator(() => bytes(`${credentials.reveal().trim()}\n`));
    if (nkey !== undefined) return library.nkeyAuthenticator(() => bytes(nkey.reveal().trim()));
    if (user !== undefined && password !== undefined)
      return library.usernamePasswordAuthenticator(user, () => password.reveal());
    return undefined;
  }

  async #refreshSecrets(): Promise<void> {
    const { credentials, nkey, password } = this.#options;
    for (const secret of [credentials, nkey, password]) await secret?.refresh();
  }
}

/** Headers of a message, empty. */
export async function newHeaders(): Promise<MsgHdrs> {
  return (await import("@nats-io/transport-node")).headers();
}
