/**
 * What a test's own client sends, so that it arrives whatever the machine does beside it.
 *
 * A client that has lost its server drops what it was given before it is connected again.
 */
import {
  TimeoutError,
  type Msg,
  type NatsConnection,
  type RequestOptions,
} from "@nats-io/transport-node";
import { eventually } from "../eventually.ts";

/** How long one attempt waits, in ms. */
const timeout = 10_000;

/** Resolves when the server has the message. Gives up once the connection is closed. */
export async function published(
  connection: NatsConnection,
  subject: string,
  data: string,
): Promise<void> {
  await eventually(() => isConnected(connection));
  // It may be lost on the way to the server, and comes twice then where it was not.
  await eventually(() => {
    if (!connection.isClosed()) connection.publish(subject, data);
    return isConnected(connection);
  });
}

async function isConnected(connection: NatsConnection): Promise<boolean> {
  try {
    await connection.flush();
    return true;
  } catch {
    return connection.isClosed();
  }
}

/**
 * A request that is made again until it is answered: a stream without a leader answers nobody. What it publishes may come more than
 * once; a message with an identifier is stored once all the same.
 *
 * @throws NoRespondersError where nobody listens, RequestError where the server refuses it.
 */
export async function answered(
  connection: NatsConnection,
  subject: string,
  data: string | Uint8Array = "",
  headers?: RequestOptions["headers"],
): Promise<Msg> {
  let answer: Msg | undefined;
  await eventually(async () => {
    try {
      const options = headers === undefined ? { timeout } : { timeout, headers };
      answer = await connection.request(subject, data, options);
    } catch (error) {
      if (!(error instanceof TimeoutError)) throw error;
    }
    return answer !== undefined;
  });
  return answer!;
}
