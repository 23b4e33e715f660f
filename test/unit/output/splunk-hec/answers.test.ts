/**
 * Every answer that Splunk, a proxy or the network may give, over a real socket to the real output: what becomes of the
 * events. The decisions themselves are in response.test.ts.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { connect, createServer, type AddressInfo, type Server } from "node:net";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { issue, type Issued } from "../../../support/servers/certificates.ts";
import { readEnvelopes, type Reading } from "../../../support/events/envelopes.ts";
import { eventually } from "../../../support/eventually.ts";
import { fastClock } from "../../../support/clocks/fast-clock.ts";
import { freePort } from "../../../support/servers/free-port.ts";
import { never, OutputRig } from "../../../support/events/output-rig.ts";
import { Splunk, valid_token } from "../../../support/splunk.ts";
import { answers } from "../../../support/splunk/answers.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";

/** Of the output's clock: a second and a half outside. */
const timeout = "30s";

describe("answers", () => {
  test.each(answers)(
    "answers - after %s everything is delivered, and nothing is in quarantine",
    async (_, behaviour, { reason, level, indexed }) => {
      const rig = await OutputRig.start({ timeout });
      rig.splunk.next(behaviour);
      const records = rig.add(10);
      await rig.output.drain(never);
      const times = indexed === 1 ? records : [...records, ...records];
      expect(rig.splunk.events).toEqual(times);
      expect(rig.ledger.books()).toMatchObject({
        balanced: true,
        total: { received: 10, delivered: 10, quarantined: 0, dropped: 0, in_flight: 0 },
      });
      const said_first = rig.log.lines[0]!;
      expect([said_first.level, said_first.facts["reason"]]).toEqual([level, reason]);
      expect(rig.log.text).not.toContain(valid_token);
    },
  );

  test.each([0, 24, 25])(
    "answers - code %d is a delivery, without a word in the log",
    async (code) => {
      const rig = await OutputRig.start();
      rig.splunk.next({ kind: "normal", code });
      const records = rig.add(10);
      await rig.output.drain(never);
      expect(rig.splunk.events).toEqual(records);
      expect(rig.delivered).toBe(10);
      expect(rig.log.lines).toEqual([]);
    },
  );
});

/** Reads a body as Splunk does that refuses, with this code, every event with the poison in it. */
function refusing(code: number): (body: Buffer) => Reading {
  return (body) => {
    const reading = readEnvelopes(body);
    const number = reading.events.findIndex(({ event }) => event.includes("poison"));
    if (number === -1) return reading;
    return { events: reading.events.slice(0, number), code, invalid_event_number: number };
  };
}

describe("an event that is refused", () => {
  const reasons: [number, string][] = [
    [6, "splunk_invalid_data_format"],
    [12, "splunk_event_required"],
    [13, "splunk_event_blank"],
    [15, "splunk_indexed_fields"],
  ];
  test.each(reasons)(
    "answers - with code %d goes to quarantine, and no other",
    async (code, reason) => {
      const rig = await OutputRig.start({}, fastClock(20), { read: refusing(code) });
      const records = rig.add(4);
      rig.addRecords([JSON.stringify({ poison: 1 })]);
      records.push(...rig.add(5));
      await rig.output.drain(never);
      await rig.quarantine.drain(never);
      expect(rig.splunk.events).toEqual(records);
      expect(rig.quarantined).toMatchObject([{ reason, code, text: '{"poison":1}' }]);
      expect(rig.ledger.books()).toMatchObject({
        balanced: true,
        total: { received: 10, delivered: 9, quarantined: 1, in_flight: 0 },
      });
    },
  );

  test("answers - as no data, without a number, is found all the same", async () => {
    const rig = await OutputRig.start({}, fastClock(20), { read: refusing(5) });
    rig.splunk.always({ kind: "normal", number: "missing" });
    const records = rig.add(4);
    rig.addRecords([JSON.stringify({ poison: 1 })]);
    records.push(...rig.add(5));
    await rig.output.drain(never);
    await rig.quarantine.drain(never);
    expect(new Set(rig.splunk.events)).toEqual(new Set(records));
    expect(rig.quarantined).toMatchObject([{ reason: "splunk_no_data", code: 5 }]);
    expect(rig.delivered).toBe(9);
  });

  test("answers - for a wrong index is kept, and delivered when that is fixed", async () => {
    const rig = await OutputRig.start({}, fastClock(20), { indexes: ["good"] });
    const records = rig.add(3, { metadata: { index: "bad" } });
    rig.output.idle();
    await eventually(() => rig.log.at("error").length > 0);
    expect(rig.log.at("error")[0]!.facts).toMatchObject({
      reason: "incorrect_index",
      splunk_code: 7,
    });
    expect(rig.inFlight).toBe(3);
    rig.splunk.tokens.add(valid_token);
    await rig.output.drain(never);
    expect(rig.splunk.events).toEqual(records);
    expect(rig.quarantined).toEqual([]);
  });
});

describe("a body that is too large", () => {
  test.each([
    ["with 413", { body_bytes_max: 2000 }, { batch: { max_bytes: "8KiB" } }, 100],
    [
      "as Splunk Cloud does",
      { body_bytes_max: 1_500_000, cloud: true },
      { batch: { max_bytes: "4MiB" } },
      60_000,
    ],
  ])(
    "answers - %s is sent in halves, and nothing is in quarantine",
    async (_, facts, options, size) => {
      const rig = await OutputRig.start(options, fastClock(20), facts);
      const records = rig.add(40, { size });
      await rig.output.drain(never);
      expect(rig.splunk.events).toEqual(records);
      expect(rig.ledger.books().total).toMatchObject({ delivered: 40, quarantined: 0 });
      expect(rig.output.status().requests_failed).toBeGreaterThan(0);
    },
  );

  test("answers - and is one event alone, goes to quarantine, and no other", async () => {
    const rig = await OutputRig.start({}, fastClock(20), { body_bytes_max: 2000 });
    const records = rig.add(4, { size: 100 });
    rig.add(1, { size: 3000 });
    records.push(...rig.add(4, { size: 100 }));
    await rig.output.drain(never);
    await rig.quarantine.drain(never);
    expect(rig.splunk.events).toEqual(records);
    expect(rig.quarantined).toMatchObject([{ reason: "splunk_too_large" }]);
  });
});

describe("no connection", () => {
  /** Adds events for a server that cannot be reached, and gives why the log says so. */
  async function reasonFor(url: string): Promise<unknown> {
    const splunk = await Splunk.start();
    const rig = new OutputRig(splunk, { url, timeout }, fastClock(20));
    rig.add(5);
    rig.output.idle();
    await eventually(() => rig.log.lines.length > 0);
    expect(rig.inFlight).toBe(5);
    expect(splunk.requests).toEqual([]);
    await rig.output.close();
    expect(rig.inFlight).toBe(5);
    return rig.log.lines[0]!.facts["reason"];
  }

  /** A server that accepts connections, and does with each what is given. */
  async function listening(server: Server): Promise<number> {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    return (server.address() as AddressInfo).port;
  }

  test("answers - a refused connection keeps everything", async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    expect(await reasonFor(url)).toBe("connection_refused");
  });

  test("answers - a name that there is not keeps everything", async () => {
    expect(await reasonFor("http://splunk.invalid:8088")).toBe("name_resolution");
  });

  test("answers - a server that accepts no connection keeps everything", async () => {
    // Stopped, it accepts none, and once its queue of connections is full the kernel makes no more.
    const program =
      'const s = require("net").createServer().listen({ port: 0, host: "127.0.0.1", backlog: 1 }, ' +
      "() => process.stdout.write(String(s.address().port)))";
    const child = spawn(process.execPath, ["-e", program], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    onTestFinished(() => void child.kill("SIGKILL"));
    const [chunk] = (await once(child.stdout, "data")) as [Buffer];
    const port = Number(chunk.toString());
    child.kill("SIGSTOP");
    const fillers = Array.from({ length: 8 }, () => connect(port, "127.0.0.1"));
    for (const filler of fillers) filler.on("error", () => undefined);
    onTestFinished(() => fillers.forEach((filler) => filler.destroy()));
    await eventually(() => fillers.filter(({ connecting }) => !connecting).length >= 2);
    expect(await reasonFor(`http://127.0.0.1:${port}`)).toBe("timeout");
  });

  test("answers - a server that says nothing to a handshake keeps everything", async () => {
    const sockets: { destroy: () => void }[] = [];
    const port = await listening(createServer((socket) => void sockets.push(socket)));
    onTestFinished(() => sockets.forEach((socket) => socket.destroy()));
    expect(await reasonFor(`https://127.0.0.1:${port}`)).toBe("timeout");
  });

  test("answers - a server that breaks a handshake off keeps everything", async () => {
    const port = await listening(createServer((socket) => void socket.resetAndDestroy()));
    expect(await reasonFor(`https://127.0.0.1:${port}`)).toBe("connection_reset");
  });

  test("answers - a server that speaks no TLS keeps everything", async () => {
    const splunk = await Splunk.start();
    expect(await reasonFor(splunk.url.replace("http:", "https:"))).toBe("tls");
  });

  const authority = issue({ name: "authority", is_authority: true });
  const good = { name: "splunk", hosts: ["127.0.0.1"], issuer: authority };
  const middle = issue({ name: "middle", issuer: authority });
  const from_middle = issue({ ...good, issuer: middle });
  const bad_chains: [string, Issued, code: string][] = [
    [
      "signs its certificate itself",
      issue({ name: "splunk", hosts: ["127.0.0.1"] }),
      "SELF_SIGNED",
    ],
    [
      "has its certificate from an authority that nobody knows",
      issue({ ...good, issuer: issue({ name: "other", is_authority: true }) }),
      "UNABLE_TO_GET_ISSUER",
    ],
    [
      "has its certificate from who is no authority",
      { ...from_middle, certificate: from_middle.certificate + middle.certificate },
      "INVALID_PURPOSE",
    ],
    ["has an expired certificate", issue({ ...good, from_days: -9, until_days: -1 }), "EXPIRED"],
    ["has a certificate that is not valid yet", issue({ ...good, from_days: 1 }), "NOT_YET_VALID"],
    ["has another's certificate", issue({ ...good, hosts: ["splunk.test"] }), "ALTNAME_INVALID"],
  ];
  test.each(bad_chains)(
    "answers - a server that %s gets nothing, and everything is kept",
    async (_, { key, certificate }, code) => {
      const { rig, splunk } = await startTls({ key, cert: certificate });
      const records = rig.add(5);
      rig.output.idle();
      await eventually(() => rig.output.status().requests_failed >= 2);
      const { level, facts } = rig.log.lines[0]!;
      expect([level, facts["reason"]]).toEqual(["error", "tls"]);
      expect(facts["detail"]).toContain(code);
      expect(splunk.requests).toEqual([]);
      expect(rig.inFlight).toBe(records.length);
    },
  );

  test("answers - a server whose authority is known gets everything", async () => {
    const { key, certificate } = issue(good);
    const { rig, splunk } = await startTls({ key, cert: certificate });
    const records = rig.add(5);
    await rig.output.drain(never);
    expect(splunk.events).toEqual(records);
  });

  async function startTls(tls: { key: string; cert: string }) {
    const splunk = await Splunk.start({ tls });
    const ca_file = join(temporaryDirectory(), "authority.pem");
    writeFileSync(ca_file, authority.certificate);
    return { rig: new OutputRig(splunk, { timeout, tls: { ca_file } }, fastClock(20)), splunk };
  }
});
