/** The connection to a cluster, where servers come and go. */
import { onTestFinished, test } from "vitest";
import { NatsLink } from "../../../../src/platform/nats/connection.ts";
import { natsOutputOptions } from "../../../../src/output/nats/options.ts";
import { fastClock } from "../../../support/clocks/fast-clock.ts";
import { CollectedLog } from "../../../support/collected-log.ts";
import { eventually } from "../../../support/eventually.ts";
import { has_nats, NatsCluster } from "../../../support/nats/cluster.ts";

test.runIf(has_nats)("servers that were away at the start are tried later", async () => {
  const [first, later] = [await start(), await start()];
  const [server] = later.servers;
  await server!.kill();
  const on = (cluster: NatsCluster) => (link: NatsLink) =>
    cluster.urls[0] === `nats://${link.server}`;
  // Each tries them in an order of its own, and nothing is seen of one that begins with the server that is there.
  const links = Array.from({ length: 6 }, () => linkTo([...first.urls, ...later.urls]));
  await eventually(() => links.every(on(first)));
  server!.start();
  await first.servers[0]!.kill();
  await eventually(() => links.every(on(later)));
});

function start(): Promise<NatsCluster> {
  return NatsCluster.start({ servers: 1 });
}

function linkTo(servers: readonly string[]): NatsLink {
  const options = natsOutputOptions().parse({ type: "nats", agent: "agent-1", servers });
  const log = new CollectedLog();
  const link = new NatsLink(options, {
    role: "agent",
    name: "agent-1",
    clock: fastClock(20),
    log,
    logged: {},
  });
  onTestFinished(() => link.close());
  link.start();
  return link;
}
