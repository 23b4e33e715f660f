/** What `tallyman fleet setup --permissions` prints confines an agent: it can do its part, and nothing in another one's name. */
import type { NatsConnection } from "@nats-io/transport-node";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { managerOf } from "../../../src/platform/nats/stream.ts";
import { tallyman } from "../../support/command-line.ts";
import { has_nats, NatsCluster } from "../../support/nats/cluster.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

const access = (user: string): string => `user: ${user}, password: secret`;

/** Of an agent. */
function configFile(): string {
  const directory = temporaryDirectory();
  const file = join(directory, "config.yaml");
  writeFileSync(
    file,
    `state_dir: ${join(directory, "state")}
inputs: { audit: { paths: [${join(directory, "audit.log")}] } }
output: { type: nats, servers: ["nats://127.0.0.1:1"], agent: agent-1 }
`,
    { mode: 0o600 },
  );
  return file;
}

/** The blocks that the command prints, in its order. */
async function printedBlocks(): Promise<string[]> {
  const asked = ["fleet", "setup", "--permissions", "-c", configFile()];
  const { out, status } = await tallyman(asked);
  expect(status).toBe(0);
  return [...out.matchAll(/^permissions \{\n[^]*?\n\}$/gm)].map(([block]) =>
    block.replaceAll("AGENT", "agent-1"),
  );
}

/** What the server says to a message; "forbidden" where the user may not send it, and "" where nobody answers. */
async function said(connection: NatsConnection, subject: string): Promise<string> {
  try {
    return (await connection.request(subject, "{}", { timeout: 2000 })).string();
  } catch (cause) {
    return isForbidden(cause) ? "forbidden" : "";
  }
}

/** The same of a subscription, of which a server says only what it forbids. */
async function mayHear(connection: NatsConnection, subject: string): Promise<boolean> {
  let is_forbidden = false;
  connection.subscribe(subject, {
    callback: (error) => {
      is_forbidden ||= isForbidden(error);
    },
  });
  await connection.flush();
  return !is_forbidden;
}

function isForbidden(cause: unknown): boolean {
  for (let error = cause; error instanceof Error; error = error.cause)
    if (error.name === "PermissionViolationError") return true;
  return false;
}

describe.runIf(has_nats)("printed permissions", () => {
  test("an agent publishes, hears and reads what is its own, and nothing else", async () => {
    const [batches, aggregator] = await printedBlocks();
    const user = (name: string, block: string | undefined): string =>
      `{ ${access(name)}, ${block} }`;
    const users = [
      user("agent-1", batches),
      user("aggregators", aggregator),
      `{ ${access("admin")}, permissions { publish: ">", subscribe: ">" } }`,
    ].join("\n");
    const cluster = await NatsCluster.start({
      servers: 1,
      more: `authorization { users: [${users}] }`,
      client: { user: "admin", pass: "secret" },
    });
    const manager = await managerOf(await cluster.connect());
    await manager.streams.add({ name: "TALLY", subjects: ["tally.ev.>"] });
    const as = (name: string, inbox: string): Promise<NatsConnection> =>
      cluster.connect({ user: name, pass: "secret", inboxPrefix: inbox });
    const agent = await as("agent-1", "_INBOX_tally_agent.agent-1");
    expect(await said(agent, "tally.ev.agent-1.aaaabbbb")).toContain('"seq":1');
    expect(await mayHear(agent, "tally.rcpt.agent-1")).toBe(true);
    const forbidden = [
      "tally.ev.agent-2.aaaabbbb",
      "tally.rcpt.agent-1",
      "tally.rcpt.agent-2",
      "tally.books.agent.agent-2",
      "tally.books.aggregator.agent-1",
      "tally.ask.agents",
      "$JS.API.STREAM.INFO.TALLY",
      "$JS.API.STREAM.MSG.GET.TALLY",
      "$JS.API.STREAM.PURGE.TALLY",
      "$JS.API.STREAM.DELETE.TALLY",
      "$JS.API.CONSUMER.DURABLE.CREATE.TALLY.thief",
      "$JS.API.CONSUMER.MSG.NEXT.TALLY.tallyman",
      "$JS.ACK.TALLY.tallyman.1.1.1.1.1",
      "$KV.TALLY_CONFIG.web",
    ];
    for (const subject of forbidden) expect(await said(agent, subject), subject).toBe("forbidden");
    for (const subject of [
      "tally.ev.>",
      "tally.rcpt.*",
      "_INBOX_tally_agent.agent-2.>",
      "_INBOX.>",
    ])
      expect(await mayHear(agent, subject), subject).toBe(false);
    // Nothing of all that has got there.
    const { state } = await manager.streams.info("TALLY", { subjects_filter: ">" });
    expect(Object.keys(state.subjects ?? {})).toEqual(["tally.ev.agent-1.aaaabbbb"]);
  });
});
