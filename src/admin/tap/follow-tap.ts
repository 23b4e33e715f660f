/**
 * The client's side of a tap: the messages of the agent, as they come.
 */
import { request as httpRequest, type IncomingMessage } from "node:http";
import { TallymanError } from "../../platform/errors.ts";
import { ShortPath } from "../../platform/sockets/short-path.ts";
import { whyNot } from "../ask.ts";
import type { LoopbackAddress } from "../options.ts";
import { tapQuery, type TapMessage, type TapRequest } from "./tap-messages.ts";
import { TapReader } from "./tap-reader.ts";

/** What is read of an answer that is not one of a tap. */
const refusal_characters_max = 2000;

/**
 * Gives the agent's messages until it ends, or `stop` is aborted. Throws TallymanError agent_unreachable where there is no
 * agent, it refuses, or its connection breaks.
 */
export async function* followTap(
  at: string | LoopbackAddress,
  wanted: TapRequest,
  stop: AbortSignal,
): AsyncGenerator<TapMessage> {
  let response: IncomingMessage;
  try {
    response = await begin(at, tapQuery(wanted), stop);
  } catch (cause) {
    if (stop.aborted) return;
    const shown = typeof at === "string" ? at : `${at.host}:${at.port}`;
    throw unreachable(`cannot ask the agent at ${shown}: ${whyNot(cause)}`, cause);
  }
  if (response.statusCode !== 200) throw unreachable(await refusalIn(response));
  let has_ended = false;
  for await (const message of messagesOf(response)) {
    has_ended ||= "end" in message;
    yield message;
  }
  if (!has_ended && !stop.aborted)
    throw unreachable("the agent is gone: its connection has broken");
}

async function begin(
  at: string | LoopbackAddress,
  path: string,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const socket = typeof at === "string" ? new ShortPath(at) : undefined;
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  try {
    const place =
      typeof at === "string" ? { socketPath: socket!.path } : { host: at.host, port: at.port };
    const headers = { host: "localhost" };
    const request = httpRequest({ ...place, path, agent: false, headers, signal });
    request.on("error", reject);
    request.on("response", resolve);
    request.end();
    return await promise;
  } finally {
    socket?.close();
  }
}

/** Whole messages, until the connection ends or breaks. */
async function* messagesOf(response: IncomingMessage): AsyncGenerator<TapMessage> {
  const reader = new TapReader();
  const parts = response[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  for (;;) {
    // What is missing where it breaks is the agent's last word.
    const part = await parts.next().catch(() => undefined);
    if (part === undefined || part.done === true) return;
    let messages: TapMessage[];
    try {
      messages = [...reader.take(part.value)];
    } catch (cause) {
      throw unreachable("the process that answers there is not a tallyman agent", cause);
    }
    yield* messages;
  }
}

async function refusalIn(response: IncomingMessage): Promise<string> {
  let text = "";
  response.setEncoding("utf8");
  for await (const part of response) {
    text += String(part);
    if (text.length > refusal_characters_max) break;
  }
  const reason = text.slice(0, refusal_characters_max).trim();
  const { statusCode } = response;
  if (statusCode === 404)
    return "events are shown on the UNIX socket alone; set `admin.tap: true` to have them on `admin.listen`, too";
  if (statusCode === 403 || statusCode === 503) return `the agent shows no events: ${reason}`;
  return `the agent answered with HTTP status ${statusCode}: ${reason}`;
}

function unreachable(message: string, cause?: unknown): TallymanError {
  return new TallymanError("agent_unreachable", message, {}, { cause });
}
