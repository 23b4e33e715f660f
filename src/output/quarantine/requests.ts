/**
 * How a command has the running agent change the quarantine: over a UNIX socket in the state directory, since the agent
 * alone may touch the files that it appends to. One line of JSON is asked, one is answered.
 */
import { connect, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { z } from "zod";
import { state_names } from "../../platform/files/state-names.ts";
import type { Clock } from "../../platform/clock.ts";
import { messageOf, TallymanError } from "../../platform/errors.ts";
import type { Logger } from "../../platform/log.ts";
import { ShortPath } from "../../platform/sockets/short-path.ts";
import { SocketFile } from "../../platform/sockets/socket-file.ts";
import { extracted, extraction, type Extracted, type Extraction } from "./extract.ts";

const socket_mode = 0o600;
const request_bytes_max = 1024 * 1024;
const connections_max = 8;
/** How long a command waits for the agent, which may have to copy all that is there. */
const answer_wait_ms_max = 120_000;
/** How long a command has to send its request. */
const request_wait_ms_max = 10_000;

export interface QuarantineRequestsDeps {
  extract: (what: Extraction) => Promise<Extracted>;
  clock: Clock;
  log: Logger;
}

export class QuarantineRequests {
  readonly #deps: QuarantineRequestsDeps;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #file: SocketFile | undefined;

  constructor(deps: QuarantineRequestsDeps) {
    this.#deps = deps;
    this.#server = createServer((socket) => void this.#receive(socket));
    this.#server.maxConnections = connections_max;
  }

  /** Never rejects: an agent that commands cannot reach ships all the same. */
  async open(state_dir: string): Promise<void> {
    try {
      const path = join(state_dir, state_names.quarantine_socket);
      this.#file = await SocketFile.listen(this.#server, { path, mode: socket_mode });
    } catch (cause) {
      this.#deps.log.warn(
        "quarantine_commands_unavailable",
        { state_dir, error: messageOf(cause) },
        "Commands cannot reach this agent: `tallyman quarantine` can list and show, but not purge or replay.",
      );
    }
  }

  /** Never rejects. */
  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    if (this.#server.listening) {
      await new Promise<void>((resolve) => this.#server.close(() => resolve()));
    }
    await this.#file?.remove();
  }

  /** Never rejects. */
  async #receive(socket: Socket): Promise<void> {
    const { clock, extract } = this.#deps;
    this.#sockets.add(socket);
    const timer = clock.after(request_wait_ms_max, () => socket.destroy());
    socket.on("error", () => undefined);
    socket.on("close", () => {
      timer.cancel();
      this.#sockets.delete(socket);
    });
    const line = await readLine(socket);
    timer.cancel();
    const what = line === undefined ? undefined : parsed(line, extraction);
    if (what === undefined) socket.destroy();
    else socket.end(`${JSON.stringify(await extract(what))}\n`);
  }
}

/**
 * What the running agent answers; undefined where none listens, or it ended before it could answer.
 * Throws TallymanError quarantine_failed where it is there but does not answer, quarantine_unreadable where this user may
 * not ask it.
 */
export async function requestSifting(
  state_dir: string,
  what: Extraction,
  clock: Clock,
): Promise<Extracted | undefined> {
  const at = new ShortPath(join(state_dir, state_names.quarantine_socket));
  try {
    const socket = connect(at.path);
    let is_closed_to_us = false;
    socket.on("error", ({ code }: NodeJS.ErrnoException) => (is_closed_to_us = code === "EACCES"));
    socket.write(`${JSON.stringify(what)}\n`);
    let is_late = false;
    const timer = clock.after(answer_wait_ms_max, () => {
      is_late = true;
      socket.destroy();
    });
    const line = await readLine(socket);
    timer.cancel();
    socket.destroy();
    if (is_late) throw unanswered(state_dir);
    if (is_closed_to_us) throw forbidden(state_dir);
    return line === undefined ? undefined : parsed(line, extracted);
  } finally {
    at.close();
  }
}

function unanswered(state_dir: string): TallymanError {
  return new TallymanError(
    "quarantine_failed",
    `the agent that uses ${state_dir} has not answered; it may still carry out the request`,
  );
}

function forbidden(state_dir: string): TallymanError {
  return new TallymanError(
    "quarantine_unreadable",
    `this user has no permission to send requests to the agent that uses ${state_dir}`,
    { file: state_dir },
  );
}

/** The first line; undefined where the other side ends, or goes on, before there is a whole one. */
function readLine(socket: Socket): Promise<string | undefined> {
  return new Promise((resolve) => {
    let text = "";
    socket.setEncoding("utf8");
    socket.on("data", (more: string) => {
      text += more;
      const end = text.indexOf("\n");
      if (end !== -1) resolve(text.slice(0, end));
      else if (text.length > request_bytes_max) socket.destroy();
    });
    socket.once("close", () => resolve(undefined));
  });
}

function parsed<Schema extends z.ZodType>(
  line: string,
  schema: Schema,
): z.output<Schema> | undefined {
  try {
    return schema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}
