/** The output to NATS, with real servers. */
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { batchId, sumOf, unpacked_bytes_max } from "../../../../src/platform/nats/batch-head.ts";
import { longTest } from "../../../support/effort.ts";
import { machineName, runId } from "../../../../src/platform/process/machine-name.ts";
import { fastClock } from "../../../support/clocks/fast-clock.ts";
import { eventually } from "../../../support/eventually.ts";
import { has_nats, NatsCluster } from "../../../support/nats/cluster.ts";
import { NatsOutputRig } from "../../../support/nats/output-rig.ts";
import { stream } from "../../../support/nats/fleet.ts";
import { never } from "../../../support/events/output-rig.ts";

const records = (count: number, from = 0): string[] =>
  Array.from({ length: count }, (_, number) => `{"number":${from + number}}`);

describe.runIf(has_nats)("nats output", () => {
  test("a message is a ready batch, and its headers say which", async () => {
    const rig = await NatsOutputRig.start();
    rig.add(records(3));
    const [message] = await rig.stored(1);
    const { head, id, subject, body } = message!;
    const unpacked = gunzipSync(body);
    expect(subject).toBe("tally.ev.agent-1.aaaabbbb");
    expect(id).toBe("agent-1.aaaabbbb.1.0.3");
    expect(head).toEqual({
      agent: "agent-1",
      lane: "aaaabbbb",
      epoch: 1,
      first: 0,
      count: 3,
      bytes: unpacked.length,
      sum: sumOf(body),
      packing: "gzip",
      index: undefined,
      placed: false,
      run: { instance: runId(), host: machineName() },
    });
    expect(unpacked.toString()).toMatch(
      /^\{"host":"web-1",.*"event":\{"number":0\}\}\n.*\n.*\{"number":2\}\}\n$/,
    );
    expect(unpacked.toString()).not.toContain("tally_lane");
  });

  test("nothing is settled before the receipt, and then all of the batch", async () => {
    const rig = await NatsOutputRig.start();
    rig.add(records(3));
    const [{ head } = { head: undefined }] = await rig.stored(1);
    expect(rig.delivered).toBe(0);
    rig.receipt(head!);
    await rig.output.drain(never);
    expect(rig.delivered).toBe(3);
    expect(rig.in_flight).toBe(0);
    expect(rig.output.status()).toMatchObject({ state: "sending", receipts: 1 });
  });

  test("a receipt of another batch, or with another checksum, settles nothing and is logged", async () => {
    const rig = await NatsOutputRig.start();
    rig.add(records(3));
    const [{ head } = { head: undefined }] = await rig.stored(1);
    rig.receipt(head!, head!.sum, batchId({ ...head!, first: 7 }));
    rig.receipt(head!, sumOf(Buffer.from("forged")));
    await rig.say("no receipt");
    await eventually(() => rig.log.of("nats_receipt_refused").length > 0);
    expect(rig.delivered).toBe(0);
    rig.receipt(head!);
    await rig.output.drain(never);
    expect(rig.delivered).toBe(3);
  });

  test("a refusal settles nothing and is logged, and the batch is published again until it is taken", async () => {
    const rig = await NatsOutputRig.start();
    rig.add(records(3));
    const [message] = await rig.stored(1);
    const reason = "its checksum is that of another body";
    rig.refuse(message!, reason);
    const lines = (): object[] => rig.log.of("nats_batch_returned").map(({ facts }) => facts);
    await eventually(() => lines().length === 1);
    const told = { lane: "aaaabbbb", batch: "aaaabbbb.1.0.3", input: "audit", reason };
    expect(lines()[0]).toMatchObject(told);
    expect(rig.output.status()).toMatchObject({ reason: "batches_refused", batches_refused: 1 });
    expect(rig.in_flight).toBe(3);
    const again = (await rig.stored(2)).at(-1)!;
    expect(again.id).toBe("agent-1.aaaabbbb.1.0.3.1");
    rig.refuse(again, reason);
    await rig.stored(3);
    expect(rig.output.status()).toMatchObject({ reason: "batches_refused", repeats: 2 });
    expect(rig.delivered).toBe(0);
    rig.receipt(again.head);
    await rig.output.drain(never);
    expect(rig.delivered).toBe(3);
    expect(rig.output.status()).toMatchObject({ state: "sending", batches_refused: 0 });
    expect(rig.log.of("nats_receipt_refused")).toEqual([]);
  });

  test("a refusal of what has its receipt says nothing, and one of a message without a batch's id its lane", async () => {
    const rig = await NatsOutputRig.start();
    rig.add(records(3));
    const [message] = await rig.stored(1);
    rig.receipt(message!.head);
    await rig.output.drain(never);
    rig.refuse(message!, "it is late");
    rig.refuse({ ...message!, id: "" }, "it has no headers of a batch");
    await eventually(() => rig.log.of("nats_batch_returned").length > 0);
    const [line, ...others] = rig.log.of("nats_batch_returned");
    expect(line!.facts).toMatchObject({ lane: "aaaabbbb", reason: "it has no headers of a batch" });
    expect(others).toEqual([]);
    expect(rig.output.status()).toMatchObject({ state: "sending", batches_refused: 0 });
  });

  test("with confirm: stream a refusal says that events may be lost", async () => {
    const rig = await NatsOutputRig.start({ confirm: "stream" });
    rig.add(records(3));
    const [message] = await rig.stored(1);
    rig.refuse(message!, "its format is unknown");
    await eventually(() => rig.log.of("nats_stored_batch_refused").length === 1);
    expect(rig.log.of("nats_batch_returned")).toEqual([]);
  });

  test("with confirm: stream the stream's word is enough", async () => {
    const rig = await NatsOutputRig.start({ confirm: "stream" });
    rig.add(records(3));
    await rig.output.drain(never);
    expect(rig.delivered).toBe(3);
  });

  test("what is read again after a crash is recognised by the stream", async () => {
    const rig = await NatsOutputRig.start();
    rig.add(records(3));
    await rig.stored(1);
    await rig.output.close();
    rig.lane.next = 0;
    rig.add(records(3), rig.another({ confirm: "stream" }));
    await eventually(() => rig.delivered === 3);
    expect(await rig.stored(1)).toHaveLength(1);
  });

  test("without a stream it holds everything and says so, and goes on once there is one", async () => {
    const rig = await NatsOutputRig.start();
    await rig.fleet.manager.streams.delete(stream);
    rig.add(records(3));
    await eventually(() => rig.output.status().reason === "no_stream");
    expect(rig.output.status().state).toBe("retrying");
    expect(rig.in_flight).toBe(3);
    await rig.fleet.setUp();
    expect(await rig.stored(1)).toHaveLength(1);
    await eventually(() => rig.output.status().state === "sending");
  });

  test("a full stream holds up the inputs, nothing is dropped, and it goes on once there is room", async () => {
    const rig = await NatsOutputRig.start(
      { compression: "none", batch: { max_bytes: "64KiB" }, max_unconfirmed: "1MiB" },
      { bytes_max: 300 * 1024 },
    );
    const line = `{"text":"${"x".repeat(1000)}"}`;
    let added = 0;
    for (; rig.output.room("audit") === undefined; added += 50)
      rig.add(Array.from({ length: 50 }, () => line));
    await eventually(() => rig.output.status().reason === "stream_full");
    expect(rig.log.of("nats_not_taken")).toHaveLength(1);
    expect(rig.in_flight).toBe(added);
    let settled = 0;
    while (settled < added) {
      const messages = await rig.stored(0);
      for (const { head, sequence } of messages) {
        rig.receipt(head);
        settled += head.count;
        await rig.fleet.manager.streams.purge(stream, { seq: sequence + 1 });
      }
      await eventually(() => rig.delivered === settled);
    }
    await rig.output.drain(never);
    expect(rig.delivered).toBe(added);
  });

  test("a batch that is too large is halved, and an event that is goes to quarantine", async () => {
    const rig = await NatsOutputRig.start(
      { compression: "none", confirm: "stream" },
      { more: "max_payload: 64KB" },
    );
    const line = `{"text":"${"x".repeat(20_000)}"}`;
    rig.add([line, line, `{"text":"${"y".repeat(100_000)}"}`, line, line]);
    await rig.output.drain(never);
    await rig.quarantine.drain(never);
    const messages = await rig.stored(2);
    const ranges = messages.map(({ head }) => [head.first, head.count]);
    expect(ranges.toSorted(([one = 0], [other = 0]) => one - other)).toEqual([
      [0, 2],
      [3, 2],
    ]);
    expect(rig.ledger.books().total).toMatchObject({ delivered: 4, quarantined: 1, in_flight: 0 });
    expect(rig.log.of("nats_event_too_large")).toHaveLength(1);
  });

  longTest("so does an event that no aggregator takes, however small it is packed", async () => {
    const rig = await NatsOutputRig.start({ confirm: "stream" });
    rig.add([...records(1), `{"text":"${"x".repeat(unpacked_bytes_max)}"}`, ...records(1, 1)]);
    await rig.output.drain(never);
    await rig.quarantine.drain(never);
    expect(rig.ledger.books().total).toMatchObject({ delivered: 2, quarantined: 1, in_flight: 0 });
  });

  test("a batch without a receipt for long is published again under another id", async () => {
    const rig = await NatsOutputRig.start({ receipt_timeout: "10s" });
    rig.add(records(3));
    const messages = await rig.stored(2);
    expect(messages.map(({ id }) => id)).toEqual([
      "agent-1.aaaabbbb.1.0.3",
      "agent-1.aaaabbbb.1.0.3.1",
    ]);
    rig.receipt(messages[0]!.head);
    await rig.output.drain(never);
    expect(rig.delivered).toBe(3);
  });

  longTest("a batch that others have overtaken asks for its receipt soon", async () => {
    const rig = await NatsOutputRig.start();
    rig.add(records(3));
    await rig.stored(1);
    rig.add(records(3, 3));
    const messages = await rig.stored(2);
    rig.receipt(messages[1]!.head);
    const repeated = (await rig.stored(3)).at(-1)!;
    expect(repeated.id).toBe("agent-1.aaaabbbb.1.0.3.1");
    expect(rig.output.status()).toMatchObject({ repeats: 1, receipts: 1 });
    rig.receipt(repeated.head);
    await rig.output.drain(never);
    expect(rig.delivered).toBe(6);
  });

  test("what a stream has lost is published again as soon as that shows", async () => {
    const rig = await NatsOutputRig.start();
    rig.add(records(3));
    rig.add(records(3, 3));
    await rig.stored(2);
    await rig.fleet.manager.streams.delete(stream);
    await rig.fleet.setUp();
    rig.add(records(3, 6));
    const messages = await rig.stored(3);
    expect(messages.map(({ head }) => head.first).toSorted((one, other) => one - other)).toEqual([
      0, 3, 6,
    ]);
    expect(rig.log.of("nats_stream_lost")).toHaveLength(1);
    for (const { head } of messages) rig.receipt(head);
    await rig.output.drain(never);
    expect(rig.delivered).toBe(9);
  });

  test("what was stored is asked for until an outage is over, though nothing is to be published", async () => {
    const rig = await NatsOutputRig.start();
    rig.add(records(3));
    await rig.stored(1);
    await rig.fleet.manager.streams.delete(stream);
    await eventually(() => rig.output.status().reason === "no_stream");
    await rig.fleet.setUp();
    const [{ head } = { head: undefined }] = await rig.stored(1);
    rig.receipt(head!);
    await rig.output.drain(never);
    expect(rig.output.status().state).toBe("sending");
  });

  test("an outage is over when every event is delivered", async () => {
    const rig = await NatsOutputRig.start();
    rig.add(records(3));
    const [{ head } = { head: undefined }] = await rig.stored(1);
    await rig.fleet.manager.streams.delete(stream);
    await eventually(() => rig.output.status().reason === "no_stream");
    rig.receipt(head!);
    await rig.output.drain(never);
    await eventually(() => rig.output.status().state === "sending");
  });

  test("where the stream knows an id and has no message, another id is taken", async () => {
    const rig = await NatsOutputRig.start();
    await rig.fleet.manager.streams.delete(stream);
    const ids: string[] = [];
    rig.connection.subscribe("tally.ev.>", {
      callback: (_, message) => {
        ids.push(message.headers!.get("Nats-Msg-Id"));
        message.respond(JSON.stringify({ stream, seq: 0, duplicate: true }));
      },
    });
    await rig.connection.flush();
    rig.add(records(3));
    await eventually(() => ids.length >= 5);
    const id = "agent-1.aaaabbbb.1.0.3";
    expect(ids.slice(0, 5)).toEqual([id, id, `${id}.1`, `${id}.1`, `${id}.2`]);
    expect(rig.in_flight).toBe(3);
  });

  test("a server that does not find the stream is left for one that does", async () => {
    const rig = await NatsOutputRig.start();
    const [found] = rig.fleet.cluster.servers;
    await found!.kill();
    const lost = await NatsCluster.start({ servers: 1 });
    const servers = [...lost.urls, ...rig.fleet.cluster.urls];
    const output = rig.another({ servers });
    await eventually(() => output.status().server !== undefined);
    rig.add(records(3), output);
    await eventually(() => output.status().reason === "no_stream");
    found!.start();
    await rig.fleet.cluster.ready();
    const [{ head } = { head: undefined }] = await rig.stored(1);
    const left = rig.log.of("nats_server_left").map(({ facts }) => facts["server"]);
    expect(left).toContain(lost.urls[0]!.slice("nats://".length));
    rig.receipt(head!);
    await output.drain(never);
    expect(rig.delivered).toBe(3);
  });

  test("one that is retired waits for its receipts, and hands over what it has not published", async () => {
    // The server is away for less than an output that is retired waits for one.
    const rig = await NatsOutputRig.start({}, { clock: fastClock(1) });
    rig.add(records(3));
    const [{ head } = { head: undefined }] = await rig.stored(1);
    await rig.fleet.cluster.servers[0]!.kill();
    await eventually(() => rig.output.status().reason === "unreachable");
    rig.add(records(2, 3));
    const inherited: string[] = [];
    const retired = rig.output.retire({
      add: (event) => inherited.push(`${event.place?.number} ${event.text}`),
    });
    await eventually(() => inherited.length === 2);
    expect(inherited).toEqual(['3 {"number":3}', '4 {"number":4}']);
    expect(rig.output.held.events).toBe(3);
    rig.fleet.cluster.servers[0]!.start();
    await eventually(() => rig.output.status().server !== undefined);
    rig.receipt(head!);
    await retired;
    expect(rig.delivered).toBe(3);
  });

  test("one that is retired waits for no server that is gone for good, and hands over everything", async () => {
    const rig = await NatsOutputRig.start();
    rig.add(records(3));
    await rig.stored(1);
    await rig.fleet.cluster.servers[0]!.kill();
    await eventually(() => rig.output.status().reason === "unreachable");
    rig.add(records(2, 3));
    const inherited: number[] = [];
    await rig.output.retire({ add: (event) => inherited.push(event.place!.number) });
    expect(inherited.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4]);
    expect(rig.output.held.events).toBe(0);
    expect(rig.in_flight).toBe(5);
  });
});
