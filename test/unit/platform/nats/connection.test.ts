/** The connection to a cluster, where servers come and go. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished, test } from "vitest";
import { NatsLink } from "../../../../src/platform/nats/connection.ts";
import { natsOutputOptions } from "../../../../src/output/nats/options.ts";
import { fastClock } from "../../../support/clocks/fast-clock.ts";
import { CollectedLog } from "../../../support/collected-log.ts";
import { eventually } from "../../../support/eventually.ts";
import { has_nats, NatsCluster } from "../../../support/nats/cluster.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";

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

test.runIf(has_nats)("a password that is replaced while a cluster refuses it is used", async () => {
  const file = join(temporaryDirectory(), "password");
  writeFileSync(file, "old");
  const cluster = await NatsCluster.start({
    servers: 2,
    more: `authorization { user: "web-1", password: "new" }`,
    client: { user: "web-1", pass: "new" },
  });
  const log = new CollectedLog();
  const link = linkTo(cluster.urls, { log, password_file: file });
  await eventually(() => log.of("nats_unreachable").length > 0);
  writeFileSync(file, "new");
  await eventually(() => link.server !== undefined);
});

function start(): Promise<NatsCluster> {
  return NatsCluster.start({ servers: 1 });
}

interface LinkFacts {
  log?: CollectedLog;
  /** Of the user web-1; read again when it is replaced. */
  password_file?: string;
}

function linkTo(
  servers: readonly string[],
  { log = new CollectedLog(), password_file }: LinkFacts = {},
): NatsLink {
  const user =
    password_file === undefined
      ? {}
      : { user: "web-1", password: readFileSync(password_file, "utf8") };
  const options = natsOutputOptions().parse({ type: "nats", agent: "agent-1", servers, ...user });
  if (password_file !== undefined)
    options.password!.follow({
      files: [password_file],
      read: () => readFileSync(password_file, "utf8"),
    });
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
