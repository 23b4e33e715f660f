/**
 * Asks a running agent, as the commands do that are about one.
 */
import { request as httpRequest } from "node:http";
import type { Clock } from "../platform/clock.ts";
import { messageOf, TallymanError } from "../platform/errors.ts";
import { ShortPath } from "../platform/sockets/short-path.ts";
import type { LoopbackAddress } from "./options.ts";

/** What is read of an answer. */
const answer_bytes_max = 64 * 1024 * 1024;
const answer_wait_ms_max = 10_000;

export interface Question {
  readonly method: "GET" | "POST";
  readonly path: string;
  /** The agent's UNIX socket, or its loopback address where it has none. */
  readonly at: string | LoopbackAddress;
  /** How long the agent may take. */
  readonly wait_ms_max?: number;
}

/** The status and the body of its answer. Throws TallymanError agent_unreachable. */
export async function ask(
  question: Question,
  clock: Clock,
): Promise<{ status: number; body: string }> {
  const { at } = question;
  const shown = typeof at === "string" ? at : `${at.host}:${at.port}`;
  try {
    const path = typeof at === "string" ? new ShortPath(at) : undefined;
    try {
      return await send(question, path?.path, clock);
    } finally {
      path?.close();
    }
  } catch (cause) {
    const message = `cannot ask the agent at ${shown}: ${whyNot(cause)}`;
    throw new TallymanError("agent_unreachable", message, {}, { cause });
  }
}

function send(
  { method, path, at, wait_ms_max = answer_wait_ms_max }: Question,
  socket: string | undefined,
  clock: Clock,
): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const place =
      typeof at === "string" ? { socketPath: socket } : { host: at.host, port: at.port };
    const request = httpRequest({
      ...place,
      method,
      path,
      agent: false,
      headers: { host: "localhost" },
    });
    const timer = clock.after(wait_ms_max, () => {
      request.destroy(new Error(`it has not answered for ${wait_ms_max / 1000} s`));
    });
    request.on("close", () => timer.cancel());
    request.on("error", reject);
    request.on("response", (response) => {
      const chunks: Buffer[] = [];
      let length = 0;
      response.on("data", (chunk: Buffer) => {
        length += chunk.length;
        if (length > answer_bytes_max) request.destroy(new Error("its answer is too long"));
        else chunks.push(chunk);
      });
      response.on("error", reject);
      response.on("end", () => {
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString("utf8") });
      });
    });
    request.end();
  });
}

/** Why the agent cannot be asked, in a few words. */
export function whyNot(cause: unknown): string {
  const { code } = cause as NodeJS.ErrnoException;
  if (code === "ENOENT" || code === "ECONNREFUSED") return "no agent is running there";
  if (code === "EACCES" || code === "EPERM") return "permission denied for this user";
  return messageOf(cause);
}
