/**
 * An agent and an aggregator by nkeys and by credentials files, with what `fleet setup --permissions` prints. Who is not in the list stays outside, and says so.
 */
import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { credsAuthenticator, nkeyAuthenticator, nkeys } from "@nats-io/transport-node";
import { describe, expect, test } from "vitest";
import {
  permissionsOf,
  permissionsText,
  type Permissions,
} from "../../../src/platform/nats/permissions.ts";
import { longTest } from "../../support/effort.ts";
import { has_nats, type ClusterOptions } from "../../support/nats/cluster.ts";
import { Fleet } from "../../support/nats/fleet.ts";
import { credentialsFile, NatsOperator } from "../../support/nats/operator.ts";
import { Splunk } from "../../support/splunk.ts";

const names = { prefix: "tally", stream: "TALLY", consumer: "tallyman" };
const all: Permissions = { publish: [">"], subscribe: [">"] };
const agent_permissions = permissionsOf("agent", names, "agent-1");
const aggregator_permissions = permissionsOf("aggregator", names);

interface Access {
  readonly cluster: ClusterOptions;
  /** Lines of each one's options. */
  readonly agent: string[];
  readonly aggregator: string[];
  readonly stranger: string[];
}

/** What two of the three are let in for, and the third is not. */
async function tryAccess({ cluster, agent, aggregator, stranger }: Access): Promise<void> {
  const fleet = await Fleet.start({ ...cluster, servers: 1 });
  const splunk = await Splunk.start();
  const writeLines = (name: string, ...numbers: number[]): void => {
    const lines = numbers.map((number) => `{"number":${number}}\n`);
    writeFileSync(join(fleet.folderOf(name), "audit.log"), lines.join(""));
  };
  writeLines("agent-1", 1);
  const ag = await fleet.aggregator("ag-1", splunk.url, { input: aggregator });
  const known = await fleet.agent("agent-1", { output: agent });
  await splunk.until(() => splunk.events.length === 1);
  appendFileSync(join(fleet.folderOf("agent-1"), "audit.log"), `{"number":2}\n`);
  await splunk.until(() => splunk.events.length === 2);
  writeLines("agent-2", 3);
  const unknown = await fleet.agent("agent-2", { output: stranger });
  await unknown.logged("nats_unreachable");
  for (const daemon of [known, ag]) expect(await daemon.stop()).toBe(0);
  expect(known.books.total).toMatchObject({ received: 2, delivered: 2, in_flight: 0 });
  expect(ag.books.total).toMatchObject({ received: 2, delivered: 2, in_flight: 0 });
  expect(splunk.events).toHaveLength(2);
  // What is delivered may be deleted, too, but for the last message.
  const { state } = await fleet.manager.streams.info("TALLY");
  expect([state.last_seq, state.messages]).toEqual([2, 1]);
  for (const daemon of [known, ag, unknown])
    expect(daemon.lines.join("\n")).not.toMatch(/SU[A-Z2-7]{20}/);
}

const seedOf = (pair: nkeys.KeyPair): string => new TextDecoder().decode(pair.getSeed());

describe.runIf(has_nats)("a fleet lets in", () => {
  longTest("whoever has a key of the server's list", async () => {
    const [admin, agent, aggregator, stranger] = Array.from({ length: 4 }, () =>
      nkeys.createUser(),
    ) as [nkeys.KeyPair, nkeys.KeyPair, nkeys.KeyPair, nkeys.KeyPair];
    const user = (pair: nkeys.KeyPair, permissions: Permissions): string =>
      `{ nkey: "${pair.getPublicKey()}", ${permissionsText(permissions, "")} }`;
    const users = [
      user(admin, all),
      user(agent, agent_permissions),
      user(aggregator, aggregator_permissions),
    ];
    const nkey = (pair: nkeys.KeyPair): string[] => [`nkey: ${seedOf(pair)}`];
    await tryAccess({
      cluster: {
        more: `authorization { users: [${users.join(",\n")}] }`,
        client: { authenticator: nkeyAuthenticator(admin.getSeed()) },
      },
      agent: nkey(agent),
      aggregator: nkey(aggregator),
      stranger: nkey(stranger),
    });
  });

  test("whoever has a credentials file of the server's operator", async () => {
    const operator = new NatsOperator();
    const option = (credentials: string): string[] => [
      `credentials: "\${file:${credentialsFile(credentials)}}"`,
    ];
    const admin = new TextEncoder().encode(operator.credentials("admin", all));
    await tryAccess({
      cluster: { more: operator.lines, client: { authenticator: credsAuthenticator(admin) } },
      agent: option(operator.credentials("agent-1", agent_permissions)),
      aggregator: option(operator.credentials("aggregators", aggregator_permissions)),
      stranger: option(operator.credentials("agent-2", agent_permissions, nkeys.createAccount())),
    });
  });
});
