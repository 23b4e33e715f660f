/**
 * A process that posts one body to a collector, for what only a new process can have: other trusted authorities.
 *
 *     node hec-post.ts URL
 *
 * Prints the outcome as JSON, and ends by itself.
 */
import { HecClient } from "../../../src/output/splunk-hec/endpoints/hec-client.ts";
import { networkOptions } from "../../../src/output/network/network-options.ts";
import { systemClock } from "../../../src/platform/clock.ts";
import { silentLogger } from "../../../src/platform/log.ts";
import { Secret } from "../../../src/platform/secret.ts";

const client = new HecClient({
  url: process.argv[2]!,
  token: new Secret("a-secret-token"),
  connections: 1,
  // On a busy machine it may take long.
  timeout_ms: 120_000,
  clock: systemClock,
  network: networkOptions.parse({}),
  log: silentLogger,
});
const outcome = await client.request({
  method: "POST",
  path: "/services/collector/event",
  body: Buffer.from('{"event":"x"}\n'),
});
await client.close();
console.log(JSON.stringify(outcome));
