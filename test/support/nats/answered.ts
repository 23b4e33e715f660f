/** A request of a test's own client that goes on until it is answered, whatever the machine does beside it. */
import type { Msg, NatsConnection, RequestOptions } from "@nats-io/transport-node";
import { TimeoutError } from "@nats-io/transport-node";
import { eventually } from "../eventually.ts";

/** How long one attempt waits, in ms. */
const timeout = 10_000;

/**
 * A client that connects again drops what it was given meanwhile, and a stream without a leader answers nobody, so a request is
 * made again. What is published may come more than once: a message with an identifier is stored once all the same.
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
