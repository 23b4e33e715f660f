/**
 * Connections: who is trusted, what is said of a failure, and that nothing is sent where it should not.
 *
 * Servers, certificates and handshakes are real ones.
 */
import { renameSync, writeFileSync } from "node:fs";
import type { LookupFunction } from "node:net";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { encryptedKey, issueAll, type Issued } from "../../../support/servers/certificates.ts";
import { hecClient } from "../../../support/hec/hec-client.ts";
import { ManualClock } from "../../../support/clocks/manual-clock.ts";
import { startSilentServer } from "../../../support/servers/silent-server.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";
import { startWebServer } from "../../../support/servers/web-server.ts";

const all = issueAll();

/** Writes the text into a file, and gives its path. */
function fileWith(text: string, directory = temporaryDirectory(), name = "file.pem"): string {
  const file = join(directory, name);
  writeFileSync(file, text);
  return file;
}

const ca_file = (): string => fileWith(all.authority.certificate);

function serverOptions({ certificate, key }: Issued) {
  return { cert: certificate, key };
}

describe("the server's certificate", () => {
  test("connection - an authority in ca_file is trusted", async () => {
    const server = await startWebServer(serverOptions(all.good));
    for (const host of ["127.0.0.1", "localhost"]) {
      const { result } = hecClient(`https://${host}:${server.port}`, {
        tls: { ca_file: ca_file() },
      });
      expect(await result()).toBe(200);
    }
    expect(server.requests).toHaveLength(2);
    // An address is never sent as a name.
    expect(server.names).toEqual([undefined, "localhost"]);
  });

  test("connection - a self-signed certificate is trusted where ca_file names it", async () => {
    const server = await startWebServer(serverOptions(all.self_signed));
    const file = fileWith(all.self_signed.certificate);
    const { result } = hecClient(`https://127.0.0.1:${server.port}`, { tls: { ca_file: file } });
    expect(await result()).toBe(200);
  });

  test("connection - ca_file replaces what the machine trusts, and may name several", async () => {
    const server = await startWebServer(serverOptions(all.good));
    const url = `https://127.0.0.1:${server.port}`;
    const stranger = fileWith(all.stranger.certificate);
    const both = fileWith(`about it\n${all.stranger.certificate}\n${all.authority.certificate}`);
    expect(await hecClient(url, { tls: { ca_file: stranger } }).result()).toMatchObject({
      reason: "tls",
    });
    expect(await hecClient(url, { tls: { ca_file: both } }).result()).toBe(200);
  });

  test("connection - an intermediate certificate that the server sends is enough", async () => {
    const { by_intermediate, intermediate } = all;
    const cert = by_intermediate.certificate + intermediate.certificate;
    const server = await startWebServer({ cert, key: by_intermediate.key });
    const { result } = hecClient(`https://127.0.0.1:${server.port}`, {
      tls: { ca_file: ca_file() },
    });
    expect(await result()).toBe(200);
  });

  test.each([
    ["self-signed", all.self_signed, "DEPTH_ZERO_SELF_SIGNED_CERT", "tls.ca_file"],
    [
      "of an unknown authority",
      all.by_stranger,
      "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
      "tls.ca_file",
    ],
    [
      "whose intermediate is missing",
      all.by_intermediate,
      "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
      "intermediate",
    ],
    ["expired", all.expired, "CERT_HAS_EXPIRED", "has expired"],
    ["not yet valid", all.not_yet_valid, "CERT_NOT_YET_VALID", "clock"],
    ["for another name", all.other_name, "ERR_TLS_CERT_ALTNAME_INVALID", "tls.server_name"],
  ])(
    "connection - a certificate %s is refused, and nothing is sent",
    async (_, issued, code, hint) => {
      const server = await startWebServer(serverOptions(issued));
      const { result } = hecClient(`https://localhost:${server.port}`, {
        tls: { ca_file: ca_file() },
      });
      const wait = await result();
      expect(wait).toMatchObject({ kind: "blocked", reason: "tls" });
      expect(wait).toHaveProperty("detail", expect.stringContaining(`${code}: `));
      expect(wait).toHaveProperty("detail", expect.stringContaining(hint));
      expect(server.requests).toEqual([]);
    },
  );

  test.each([
    ["an intermediate authority", all.intermediate],
    ["the server's own certificate", all.by_intermediate],
  ])("connection - %s in ca_file is trusted without its root", async (_, issued) => {
    const server = await startWebServer(serverOptions(all.by_intermediate));
    const file = fileWith(issued.certificate);
    const { result } = hecClient(`https://127.0.0.1:${server.port}`, { tls: { ca_file: file } });
    expect(await result()).toBe(200);
  });

  test("connection - an authority that the server sends along is not trusted for that", async () => {
    const { by_stranger, stranger } = all;
    const cert = by_stranger.certificate + stranger.certificate;
    const server = await startWebServer({ cert, key: by_stranger.key });
    const { result } = hecClient(`https://127.0.0.1:${server.port}`, {
      tls: { ca_file: ca_file() },
    });
    expect(await result()).toHaveProperty(
      "detail",
      expect.stringMatching(/^SELF_SIGNED_CERT_IN_CHAIN: .*tls\.ca_file/),
    );
  });

  test("connection - what a wrong certificate is for is said, so that server_name can be set", async () => {
    const server = await startWebServer(serverOptions(all.other_name));
    const tls = { ca_file: ca_file() };
    const url = `https://127.0.0.1:${server.port}`;
    expect(await hecClient(url, { tls }).result()).toHaveProperty(
      "detail",
      expect.stringContaining("DNS:splunk.example.com"),
    );
    const named = { ...tls, server_name: "splunk.example.com" };
    expect(await hecClient(url, { tls: named }).result()).toBe(200);
    expect(server.names.at(-1)).toBe("splunk.example.com");
  });

  test("connection - server_name is what is verified, even where the host of the URL would do", async () => {
    const server = await startWebServer(serverOptions(all.good));
    const tls = { ca_file: ca_file(), server_name: "splunk.example.com" };
    const { result } = hecClient(`https://127.0.0.1:${server.port}`, { tls });
    expect(await result()).toMatchObject({ kind: "blocked", reason: "tls" });
  });

  test("connection - verify: false talks to anybody, and says so as an error at the start", async () => {
    const server = await startWebServer(serverOptions(all.by_stranger));
    const url = `https://localhost:${server.port}`;
    const { log, result } = hecClient(url, { tls: { verify: false } });
    expect(log.at("error")).toEqual([
      {
        level: "error",
        facts: { endpoint: url },
        code: "tls_not_verified",
        message: expect.stringContaining("tls.verify"),
      },
    ]);
    expect(await result()).toBe(200);
    expect(hecClient(url).log.lines).toEqual([]);
  });
});

describe("the client's certificate", () => {
  const wanting = { requestCert: true, rejectUnauthorized: true, ca: all.authority.certificate };
  const clientFiles = (issued: Issued) => ({
    cert_file: fileWith(issued.certificate),
    key_file: fileWith(issued.key),
  });

  test.each(["TLSv1.2", "TLSv1.3"] as const)(
    "connection - is shown where the server wants it: %s",
    async (maxVersion) => {
      const server = await startWebServer({ ...serverOptions(all.good), ...wanting, maxVersion });
      const url = `https://127.0.0.1:${server.port}`;
      const tls = { ca_file: ca_file(), ...clientFiles(all.client) };
      expect(await hecClient(url, { tls }).result()).toBe(200);
      const missing = await hecClient(url, { tls: { ca_file: ca_file() } }).result();
      expect(missing).toHaveProperty("detail", expect.stringContaining("client certificate"));
      expect(missing).toHaveProperty("detail", expect.stringContaining("tls.cert_file"));
      const wrong = await hecClient(url, {
        tls: { ca_file: ca_file(), ...clientFiles(all.client_of_stranger) },
      }).result();
      expect(wrong).not.toBe(200);
      expect(server.requests).toHaveLength(1);
    },
  );

  test("connection - certificate, key and authorities may stand in one file", async () => {
    const server = await startWebServer({ ...serverOptions(all.good), ...wanting });
    const { certificate } = all.client;
    const file = fileWith(
      certificate + encryptedKey(all.client, "open sesame") + all.authority.certificate,
    );
    const tls = { ca_file: file, cert_file: file, key_file: file, key_passphrase: "open sesame" };
    const { result } = hecClient(`https://127.0.0.1:${server.port}`, { tls });
    expect(await result()).toBe(200);
  });

  test("connection - an encrypted key opens with its passphrase", async () => {
    const server = await startWebServer({ ...serverOptions(all.good), ...wanting });
    const tls = {
      ca_file: ca_file(),
      cert_file: fileWith(all.client.certificate),
      key_file: fileWith(encryptedKey(all.client, "open sesame")),
      key_passphrase: "open sesame",
    };
    const { log, result } = hecClient(`https://127.0.0.1:${server.port}`, { tls });
    expect(await result()).toBe(200);
    expect(log.text).not.toContain("open sesame");
  });

  test("connection - without files that can be read there is no connection, least of all one without TLS", async () => {
    const server = await startWebServer();
    const tls = { ca_file: "/nowhere/ca.pem" };
    const { result } = hecClient(`https://127.0.0.1:${server.port}`, { tls });
    expect(await result()).toMatchObject({
      kind: "blocked",
      reason: "tls",
      detail: "ERR_TLS_FILES: tls.ca_file: the file /nowhere/ca.pem does not exist",
    });
    expect(server.connections.count).toBe(0);
  });

  test("connection - files that are replaced are used for the next connection, a half-written pair is not", async () => {
    const server = await startWebServer({ ...serverOptions(all.good), ...wanting });
    const directory = temporaryDirectory();
    const cert_file = fileWith(all.client_of_stranger.certificate, directory, "cert");
    const key_file = fileWith(all.client_of_stranger.key, directory, "key");
    const tls = { ca_file: ca_file(), cert_file, key_file };
    // Without keep-alive every request has a connection to itself.
    server.server.on("request", (_, response) => response.setHeader("connection", "close"));
    const { log, result } = hecClient(`https://127.0.0.1:${server.port}`, { tls });
    expect(await result()).not.toBe(200);

    const replace = (file: string, text: string): void =>
      renameSync(fileWith(text, directory, "new"), file);
    replace(cert_file, all.client.certificate);
    expect(await result()).not.toBe(200);
    expect(log.at("warn")).toMatchObject([
      {
        code: "tls_files_unusable",
        facts: { wrong: [expect.stringContaining("tls.key_file")] },
      },
    ]);

    replace(key_file, all.client.key);
    expect(await result()).toBe(200);
    expect(log.codesAt("info")).toEqual(["tls_files_replaced"]);

    writeFileSync(cert_file, "no certificate");
    expect(await result()).toBe(200);
    expect(await result()).toBe(200);
    expect(log.at("warn")).toHaveLength(2);
  });
});

describe("other servers", () => {
  test("connection - TLS older than min_version is refused", async () => {
    const old = {
      maxVersion: "TLSv1.1",
      minVersion: "TLSv1",
      ciphers: "DEFAULT:@SECLEVEL=0",
    } as const;
    const older = await startWebServer({ ...serverOptions(all.good), ...old });
    const url = `https://127.0.0.1:${older.port}`;
    expect(await hecClient(url, { tls: { ca_file: ca_file() } }).result()).toMatchObject({
      kind: "blocked",
      reason: "tls",
      detail: expect.stringContaining("tls.min_version"),
    });
    const middle = await startWebServer({ ...serverOptions(all.good), maxVersion: "TLSv1.2" });
    const middle_url = `https://127.0.0.1:${middle.port}`;
    const tls = { ca_file: ca_file() };
    expect(await hecClient(middle_url, { tls }).result()).toBe(200);
    const strict = hecClient(middle_url, { tls: { ...tls, min_version: "1.3" } });
    expect(await strict.result()).toMatchObject({
      reason: "tls",
      detail: expect.stringContaining("tls.min_version"),
    });
    expect([...older.requests, ...middle.requests]).toHaveLength(1);
  });

  test("connection - a port that speaks plain HTTP is named as such", async () => {
    const server = await startWebServer();
    const { result } = hecClient(`https://127.0.0.1:${server.port}`);
    expect(await result()).toMatchObject({
      reason: "tls",
      detail: expect.stringContaining("does not speak TLS"),
    });
  });

  test("connection - one that does not answer the handshake fails after connect_timeout", async () => {
    const silent = await startSilentServer();
    const clock = new ManualClock();
    const { result } = hecClient(`https://127.0.0.1:${silent.port}`, {}, { clock });
    const waiting = result();
    await silent.heard;
    clock.pass(5000);
    expect(await waiting).toMatchObject({
      kind: "retry",
      reason: "timeout",
      detail: "ETIMEDOUT: no connection after 5000 ms, at the TLS handshake",
    });
  });

  test("connection - closing does not wait for one that is being opened", async () => {
    const silent = await startSilentServer();
    const { client, post } = hecClient(`https://127.0.0.1:${silent.port}`);
    const outcome = post();
    await silent.heard;
    await client.close();
    expect(await outcome).toHaveProperty("failure");
  });
});

describe("names", () => {
  test("connection - the name is looked up again for every connection", async () => {
    const first = await startWebServer();
    const asked: string[] = [];
    const lookup: LookupFunction = (name, _, callback) => {
      asked.push(name);
      callback(null, [{ address: "127.0.0.1", family: 4 }]);
    };
    first.server.on("request", (_, response) => response.setHeader("connection", "close"));
    const { result } = hecClient(`http://splunk.invalid:${first.port}`, {}, { lookup });
    expect([await result(), await result(), await result()]).toEqual([200, 200, 200]);
    expect(asked).toEqual(["splunk.invalid", "splunk.invalid", "splunk.invalid"]);
  });

  test("connection - is looked up again when a connection has become old", async () => {
    const server = await startWebServer();
    const { result } = hecClient(
      `http://127.0.0.1:${server.port}`,
      {},
      { connection_age_ms_max: 1 },
    );
    for (let sent = 0; sent < 3; sent += 1) {
      expect(await result()).toBe(200);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(server.connections.count).toBe(3);
    const kept = await startWebServer();
    const same = hecClient(`http://127.0.0.1:${kept.port}`);
    expect([await same.result(), await same.result()]).toEqual([200, 200]);
    expect(kept.connections.count).toBe(1);
  });

  test("connection - the dot at the end of a name is not asked for in TLS", async () => {
    const server = await startWebServer(serverOptions(all.other_name));
    const lookup: LookupFunction = (_, __, callback) =>
      callback(null, [{ address: "127.0.0.1", family: 4 }]);
    const url = `https://splunk.example.com.:${server.port}`;
    const { result } = hecClient(url, { tls: { ca_file: ca_file() } }, { lookup });
    expect(await result()).toBe(200);
    expect(server.names).toEqual(["splunk.example.com"]);
  });

  test("connection - a lookup that hangs ends at connect_timeout, and is named", async () => {
    const lookup: LookupFunction = () => undefined;
    const { result } = hecClient(
      "http://splunk.invalid:8088",
      { connect_timeout: "100ms" },
      { lookup },
    );
    expect(await result()).toMatchObject({
      kind: "retry",
      reason: "name_resolution",
      detail: expect.stringContaining("the name was not found within 100 ms"),
    });
  });

  test("connection - a name that does not exist is named", async () => {
    const lookup: LookupFunction = (name, _, callback) =>
      callback(
        Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), { code: "ENOTFOUND" }),
        "",
      );
    const { result } = hecClient("http://splunk.invalid:8088", {}, { lookup });
    expect(await result()).toMatchObject({
      reason: "name_resolution",
      detail: expect.stringContaining("splunk.invalid"),
    });
  });

  test("connection - of several addresses one that works is enough", async () => {
    const server = await startWebServer();
    const lookup: LookupFunction = (_, __, callback) =>
      callback(null, [
        { address: "::1", family: 6 },
        { address: "127.0.0.1", family: 4 },
      ]);
    const { result } = hecClient(`http://splunk.invalid:${server.port}`, {}, { lookup });
    expect(await result()).toBe(200);
  });
});
