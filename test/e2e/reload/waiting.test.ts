/**
 * Events that wait while a redact step is added: a reload, or a restart, has it applied to all of them, wherever they wait, so
 * that no secret leaves that was noticed in time.
 */
import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { patience } from "../../support/agent-config.ts";
import { tallyman } from "../../support/command-line.ts";
import { Daemon } from "../../support/daemon.ts";
import { longTest } from "../../support/effort.ts";
import { seededRandom } from "../../support/random/hostile-lines.ts";
import { seed } from "../../support/seed.ts";
import { Splunk, valid_token } from "../../support/splunk.ts";
import { masked, received, redact, secret, WaitingRig } from "../../support/events/waiting-rig.ts";

test("reload - a redact step that is new masks what waits from a file, a socket and over HTTP, and says so", async () => {
  const rig = await WaitingRig.make();
  await rig.splunk.refuse();
  const config = rig.configure([]);
  const daemon = await Daemon.start(config);
  await rig.send(1);
  await received(config, 3);
  rig.configure([redact]);
  const { out } = await tallyman(["reload", "-c", config]);
  expect(out).toContain("3 events had been through the former chain while waiting to be sent.");
  expect(out).toMatch(/New redact steps were applied to [123] in memory, and changed [123]\./);
  const entry = await daemon.logged("reload_waiting_events");
  // One may just be tried again. It is not reached by the reload, but handed over when Splunk has refused it.
  const { redacted, in_flight } = entry as { redacted?: number; in_flight?: number };
  expect(entry).toMatchObject({ events: 3, changed: redacted });
  expect(redacted! + in_flight!).toBe(3);
  // Another one finds nothing more to do, and a step that is no redact step is said not to be applied.
  rig.configure([redact, `{ filter: { drop: "n > 0" } }`]);
  const again = await tallyman(["reload", "-c", config]);
  expect(again.out).toContain("Other steps that have changed are not applied to them.");
  expect((await tallyman(["status", "-c", config])).out).toContain("had been through the former");
  await rig.splunk.listen();
  await rig.splunk.until(({ indexed }) => indexed.length >= 3 || !daemon.alive);
  expect(await daemon.stop()).toBe(0);
  expect(rig.splunk.events).toEqual(masked(1));
  expect(daemon.books.total).toMatchObject({ received: 3, delivered: 3, in_flight: 0 });
});

longTest(
  "reload - what is in flight is said not to be reached; what is in the buffers of outputs is masked after a restart",
  async () => {
    const rig = await WaitingRig.make();
    rig.splunk.always({ kind: "hang" });
    const other = await Splunk.start();
    await other.refuse();
    const outputs = [rig.splunk.url, other.url].map(
      (url, number) =>
        `out_${number}: { type: splunk_hec, url: "${url}", token: ${valid_token}, timeout: ${patience} }`,
    );
    const route = `{ route: { to: out_1 }, when: "n > 1" }`;
    const config = rig.configure([route], { outputs });
    const daemon = await Daemon.start(config);
    await rig.send(1);
    await rig.splunk.until(({ open }) => open > 0);
    await rig.send(2);
    await received(config, 6);
    rig.configure([`${redact}\n    when: "n == 1"`, route], { outputs });
    await tallyman(["reload", "-c", config]);
    const { in_flight } = (await daemon.logged("reload_waiting_events")) as { in_flight?: number };
    expect(in_flight).toBeGreaterThan(0);
    // The request in flight fails: its events are masked before they are sent again.
    await rig.splunk.refuse();
    expect(await daemon.stop()).toBe(0);
    rig.configure([redact, route], { outputs });
    const next = await Daemon.start(config);
    rig.splunk.always({ kind: "normal" });
    await Promise.all([rig.splunk.listen(), other.listen()]);
    const count = (): number => rig.splunk.indexed.length + other.indexed.length;
    await rig.splunk.until(() => count() >= 6 || !next.alive);
    expect(await next.stop()).toBe(0);
    expect(rig.splunk.events).toEqual(masked(1));
    expect(other.events).toEqual(masked(2));
    expect(next.books.total).toMatchObject({ received: 6, delivered: 6, in_flight: 0 });
  },
);

const kills = 8;

longTest(
  `reload - ${kills} crashes while steps are added to what waits lose no event, double none and leave no secret (seed ${seed})`,
  async () => {
    const random = seededRandom(seed);
    const rig = await WaitingRig.make();
    await rig.splunk.refuse();
    const chains = [
      [],
      [redact],
      [`redact: { fields: [at], action: hash, key: "0123456789abcdef" }`, redact],
      [`redact: { fields: [at, who], action: hash, key: "0123456789abcdef" }`, redact],
    ];
    let config = rig.configure([]);
    for (let kill = 0; kill < kills; kill += 1) {
      const daemon = await Daemon.start(config);
      await rig.send(kill);
      // Random, so that it comes before, during and after the change.
      config = rig.configure(kill === kills - 1 ? chains[3]! : chains[kill % 4]!);
      daemon.signal("SIGHUP");
      await rig.send(kills + kill);
      await delay(random() * 60);
      await daemon.crash();
    }
    const last = await Daemon.start(config);
    await rig.splunk.listen();
    const total = 2 * kills * 3;
    const isOverall = ({ indexed }: Splunk): boolean => indexed.length >= total || !last.alive;
    // What a client on the socket sent right before a crash may not have been read.
    await Promise.race([rig.splunk.until(isOverall), delay(5000)]);
    expect(await last.stop()).toBe(0);
    const { events } = rig.splunk;
    expect(events.filter((event) => event.includes(secret))).toEqual([]);
    expect(new Set(events.map((event) => event.replace(/^{"n":\d+/, ""))).size).toBe(1);
    const numbers = Array.from({ length: 2 * kills }, (_, number) => number);
    const counts = numbers.map(
      (number) => events.filter((event) => event.startsWith(`{"n":${number},`)).length,
    );
    for (const count of counts) expect([2, 3]).toContain(count);
    const { total: books, balanced } = last.books;
    expect({ balanced, ...books }).toMatchObject({
      balanced: true,
      delivered: events.length,
      dropped: 0,
      quarantined: 0,
      in_flight: 0,
    });
  },
);
