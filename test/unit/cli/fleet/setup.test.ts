/** `tallyman fleet setup`, with real servers. */
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { errorCodes } from "../../../../src/platform/errors.ts";
import { managerOf } from "../../../../src/platform/nats/stream.ts";
import { tallyman } from "../../../support/command-line.ts";
import { longTest } from "../../../support/effort.ts";
import { eventually } from "../../../support/eventually.ts";
import { writeConfiguration } from "../../../support/configuration.ts";
import { has_nats, NatsCluster } from "../../../support/nats/cluster.ts";

function configFor(servers: readonly string[]): string {
  return writeConfiguration(`
state_dir: /tmp/nowhere
inputs: { audit: { paths: ["/tmp/nowhere.log"] } }
output: { type: nats, servers: ${JSON.stringify(servers)} }
`);
}

describe.runIf(has_nats)("fleet setup", () => {
  test("makes what is missing, says so, and does nothing the second time", async () => {
    const cluster = await NatsCluster.start();
    const manager = await managerOf(await cluster.connect());
    const config = configFor(cluster.urls);
    const dry = await tallyman(["fleet", "setup", "-c", config, "--dry-run"]);
    expect(dry.out).toContain(
      "The stream TALLY would be created: stored in files by 3 servers, up to 10GiB.",
    );
    expect((await manager.streams.list().next()).length).toBe(0);
    const made = await tallyman(["fleet", "setup", "-c", config, "--max-bytes", "64MiB"]);
    expect(made).toMatchObject({ status: 0, err: "" });
    expect(made.out).toContain(
      "The stream TALLY was created: stored in files by 3 servers, up to 64MiB.",
    );
    expect(made.out).toContain("The consumer tallyman was created.");
    expect(made.out).toMatch(/nats:\/\/127\.0\.0\.1:\d+: nats-server 2\./);
    const { config: kept } = await manager.streams.info("TALLY");
    expect(kept).toMatchObject({
      storage: "file",
      retention: "limits",
      discard: "new",
      num_replicas: 3,
      max_age: 0,
      max_bytes: 64 * 1024 ** 2,
      subjects: ["tally.ev.>"],
    });
    const again = await tallyman(["fleet", "setup", "-c", config]);
    expect(again.status).toBe(0);
    expect(again.out).toContain(
      "The stream TALLY is there: stored in files by 3 servers, up to 64MiB.",
    );
  });

  test("puts right what could lose events, and names what it cannot", async () => {
    const cluster = await NatsCluster.start({ servers: 1 });
    const manager = await managerOf(await cluster.connect());
    await manager.streams.add({
      name: "TALLY",
      subjects: ["tally.ev.>"],
      storage: "memory",
      discard: "old",
      max_age: 60_000_000_000,
    });
    const { status, out } = await tallyman([
      "fleet",
      "setup",
      "-c",
      configFor(cluster.urls),
      "--replicas",
      "1",
    ]);
    expect(status).toBe(1);
    expect(out).toContain("corrected: discard is old");
    expect(out).toContain("corrected: max_age is set");
    expect(out).toContain("Could lose events: storage is memory");
    expect(out).toContain("Could lose events: replicas is 1");
    expect((await manager.streams.info("TALLY")).config).toMatchObject({
      discard: "new",
      max_age: 0,
    });
  });

  longTest("waits for a server that is not back yet", async () => {
    const cluster = await NatsCluster.start();
    const manager = await managerOf(await cluster.connect());
    const last = cluster.servers[2]!;
    await last.kill("SIGTERM");
    const probe = { name: "PROBE", subjects: ["probe"], num_replicas: 3 };
    // The others have noticed that it is gone.
    await eventually(async () => {
      const refused = await manager.streams.add(probe).then(
        () => "",
        (cause: Error) => cause.message,
      );
      if (refused === "") await manager.streams.delete(probe.name).catch(() => undefined);
      return refused.includes("no suitable peers");
    });
    const setup = tallyman([
      "fleet",
      "setup",
      "-c",
      configFor(cluster.urls),
      "--max-bytes",
      "64MiB",
    ]);
    await delay(500);
    last.start();
    expect(await setup).toMatchObject({ status: 0, err: "" });
  });

  longTest("says which servers cannot be reached", async () => {
    const cluster = await NatsCluster.start();
    const config = configFor(cluster.urls);
    const setup = ["fleet", "setup", "-c", config, "--max-bytes", "64MiB"];
    expect((await tallyman(setup)).status).toBe(0);
    await cluster.servers[2]!.kill();
    const { status, out } = await tallyman(["fleet", "setup", "-c", config]);
    expect(status).toBe(0);
    expect(out).toContain(`${cluster.urls[2]}: cannot be reached: connection refused`);
  });

  test("without any server it says why", async () => {
    const { status, err } = await tallyman([
      "fleet",
      "setup",
      "-c",
      configFor(["nats://127.0.0.1:1"]),
    ]);
    expect(status).toBe(1);
    expect(err).toContain(errorCodes.fleet_unusable.remedy);
    expect(err).toContain("connection refused");
  });

  test("a configuration without NATS has nothing to set up", async () => {
    const config = writeConfiguration("inputs: { a: { paths: [/a] } }\noutput: { type: stdout }\n");
    const { status, err } = await tallyman(["fleet", "setup", "-c", config]);
    expect(status).toBe(1);
    expect(err).toContain("no input and no output of type nats");
  });

  test("--permissions prints them and connects to nothing", async () => {
    const { status, out } = await tallyman([
      "fleet",
      "setup",
      "--permissions",
      "-c",
      configFor(["nats://127.0.0.1:1"]),
    ]);
    expect(status).toBe(0);
    expect(out).toContain('"tally.ev.AGENT.*"');
    expect(out).toContain('"tally.rcpt.AGENT"');
    expect(out).toContain('"$JS.API.CONSUMER.MSG.NEXT.TALLY.tallyman"');
  });
});
