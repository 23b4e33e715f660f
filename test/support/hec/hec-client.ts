/** An HEC client for a test, with the network options as a user writes them. */
import { onTestFinished } from "vitest";
import type { z } from "zod";
import {
  HecClient,
  type HecClientDeps,
  type Outcome,
} from "../../../src/output/splunk-hec/endpoints/hec-client.ts";
import { networkOptions } from "../../../src/output/network/network-options.ts";
import { decideFailure, type Wait } from "../../../src/output/splunk-hec/answers/response.ts";
import { systemClock } from "../../../src/platform/clock.ts";
import { Secret } from "../../../src/platform/secret.ts";
import { CollectedLog } from "../collected-log.ts";

export const client_token = "6d15a8e4-0000-4000-8000-c0ffee123456";

export interface TestClient {
  readonly client: HecClient;
  readonly log: CollectedLog;
  /** Posts one event. */
  readonly post: (body?: string) => Promise<Outcome>;
  /** Posts one event, and gives the status of the answer, or what is decided of the failure. */
  readonly result: () => Promise<number | Wait>;
}

/** Makes one that is closed after the test. */
export function hecClient(
  url: string,
  network: z.input<typeof networkOptions> = {},
  facts: Partial<HecClientDeps> = {},
): TestClient {
  const log = new CollectedLog();
  const token = facts.token ?? new Secret(client_token);
  const client = new HecClient({
    url,
    token,
    connections: 1,
    // On a busy machine it may take long.
    timeout_ms: 120_000,
    clock: systemClock,
    log,
    environment: {},
    network: networkOptions.parse(network),
    ...facts,
  });
  onTestFinished(() => client.close());
  const post = (body = '{"event":"x"}\n'): Promise<Outcome> =>
    client.request({
      method: "POST",
      path: "/services/collector/event",
      body: Buffer.from(body),
    });
  const result = async (): Promise<number | Wait> => {
    const outcome = await post();
    return "answer" in outcome ? outcome.answer.status : decideFailure(outcome.failure, token);
  };
  return { client, log, post, result };
}
