/**
 * Requests through a proxy: what it learns, what it does not, and what is said when it is to blame.
 *
 * Proxies and servers are real ones on 127.0.0.1; names below example.com are known to the proxy only.
 */
import { execFile } from "node:child_process";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { networkOptions } from "../../../../src/output/network/network-options.ts";
import { Secret } from "../../../../src/platform/secret.ts";
import { issueAll } from "../../../support/servers/certificates.ts";
import { eventually } from "../../../support/eventually.ts";
import { freePort } from "../../../support/servers/free-port.ts";
import { client_token, hecClient } from "../../../support/hec/hec-client.ts";
import { ManualClock } from "../../../support/clocks/manual-clock.ts";
import { startProxy, type ProxyBehaviour } from "../../../support/servers/proxy-server.ts";
import { startSilentServer } from "../../../support/servers/silent-server.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";
import { startWebServer } from "../../../support/servers/web-server.ts";

const all = issueAll();
const { certificate: cert, key } = all.other_name;
const password = "pr0xy-passw0rd";

function tls(): { ca_file: string } {
  const ca_file = join(temporaryDirectory(), "ca.pem");
  writeFileSync(ca_file, all.authority.certificate);
  return { ca_file };
}

/** The server splunk.example.com, as the proxy knows it. */
async function startSplunk() {
  const server = await startWebServer({ cert, key });
  return { ...server, url: `https://splunk.example.com:${server.port}` };
}

describe("the way through", () => {
  test("tunnel - https goes through CONNECT, and the proxy sees neither the token nor an event", async () => {
    const splunk = await startSplunk();
    const proxy = await startProxy();
    const { log, post } = hecClient(splunk.url, {
      tls: tls(),
      proxy: `http://127.0.0.1:${proxy.port}`,
    });
    expect(await post("an event")).toHaveProperty("answer.status", 200);
    expect(splunk.requests).toMatchObject([
      { body: "an event", headers: { authorization: `Splunk ${client_token}` } },
    ]);
    expect(splunk.requests[0]!.headers).not.toHaveProperty("proxy-authorization");
    const target = `splunk.example.com:${splunk.port}`;
    expect(proxy.connects).toMatchObject([{ target, headers: { host: target } }]);
    expect(proxy.connects[0]!.headers).not.toHaveProperty("authorization");
    expect(proxy.seen).not.toContain(client_token);
    expect(proxy.seen).not.toContain("an event");
    expect(proxy.seen.length).toBeGreaterThan(0);
    expect(log.lines).toMatchObject([
      { level: "info", facts: { proxy: `http://127.0.0.1:${proxy.port}`, set_by: "output.proxy" } },
    ]);
  });

  test("tunnel - one connection carries request after request", async () => {
    const splunk = await startSplunk();
    const proxy = await startProxy();
    const { result } = hecClient(splunk.url, {
      tls: tls(),
      proxy: `http://127.0.0.1:${proxy.port}`,
    });
    expect([await result(), await result(), await result()]).toEqual([200, 200, 200]);
    expect(proxy.connects).toHaveLength(1);
  });

  test("tunnel - http goes through CONNECT, too", async () => {
    const splunk = await startWebServer();
    const proxy = await startProxy();
    const { result } = hecClient(`http://splunk.example.com:${splunk.port}`, {
      proxy: `http://127.0.0.1:${proxy.port}`,
    });
    expect(await result()).toBe(200);
    expect(proxy.connects).toMatchObject([{ target: `splunk.example.com:${splunk.port}` }]);
    expect(proxy.connects[0]!.headers).not.toHaveProperty("authorization");
  });

  test("tunnel - the server's certificate is verified through the proxy", async () => {
    const server = await startWebServer({ cert: all.good.certificate, key: all.good.key });
    const proxy = await startProxy();
    const { result } = hecClient(`https://splunk.example.com:${server.port}`, {
      tls: tls(),
      proxy: `http://127.0.0.1:${proxy.port}`,
    });
    expect(await result()).toMatchObject({
      kind: "blocked",
      reason: "tls",
      detail: expect.stringContaining("ERR_TLS_CERT_ALTNAME_INVALID"),
    });
    expect(server.requests).toEqual([]);
  });

  test("tunnel - the environment's proxy is used, and NO_PROXY heeded", async () => {
    const server = await startWebServer();
    const proxy = await startProxy();
    const http_proxy = `http://127.0.0.1:${proxy.port}`;
    const url = `http://splunk.example.com:${server.port}`;
    expect(await hecClient(url, {}, { environment: { http_proxy } }).result()).toBe(200);
    expect(proxy.connects).toHaveLength(1);
    const direct = hecClient(
      url,
      {},
      {
        environment: { http_proxy, NO_PROXY: ".example.com" },
        lookup: (_, __, callback) => callback(null, [{ address: "127.0.0.1", family: 4 }]),
      },
    );
    expect(await direct.result()).toBe(200);
    expect(proxy.connects).toHaveLength(1);
  });
});

describe("credentials", () => {
  test("tunnel - the proxy gets its credentials, and nobody else", async () => {
    const splunk = await startSplunk();
    const proxy = await startProxy({ credentials: `joe:${password}` });
    const { log, result } = hecClient(splunk.url, {
      tls: tls(),
      proxy: `http://joe:${password}@127.0.0.1:${proxy.port}`,
    });
    expect(await result()).toBe(200);
    expect(splunk.requests[0]!.headers).not.toHaveProperty("proxy-authorization");
    expect(log.text).not.toContain(password);
    expect(log.text).not.toContain("joe");
  });

  test.each([
    ["no credentials", "", "it requires a user and a password (Basic)"],
    ["wrong ones", `joe:${password}@`, "it rejects the user and the password (Basic)"],
  ])("tunnel - 407 to %s is the proxy's, and tells no password", async (_, given, said) => {
    const splunk = await startSplunk();
    const proxy = await startProxy({ credentials: "other:one" });
    const { log, result } = hecClient(splunk.url, {
      tls: tls(),
      proxy: `http://${given}127.0.0.1:${proxy.port}`,
    });
    const wait = await result();
    expect(wait).toMatchObject({ kind: "blocked", reason: "proxy_authentication" });
    expect(wait).toHaveProperty("detail", expect.stringContaining(said));
    expect(wait).toHaveProperty(
      "detail",
      expect.stringContaining(`http://127.0.0.1:${proxy.port}`),
    );
    expect(JSON.stringify(wait) + log.text).not.toContain(password);
    expect(JSON.stringify(wait) + log.text).not.toContain(
      Buffer.from(`joe:${password}`).toString("base64"),
    );
    expect(splunk.requests).toEqual([]);
  });

  test("tunnel - credentials in a file that is replaced are used for the next connection", async () => {
    const splunk = await startSplunk();
    const proxy = await startProxy({ credentials: `joe:${password}` });
    const file = join(temporaryDirectory(), "proxy");
    const address = (given: string): string => `http://joe:${given}@127.0.0.1:${proxy.port}`;
    writeFileSync(file, address("former"));
    const secret = new Secret(address("former"));
    secret.follow({ files: [file], read: () => readFileSync(file, "utf8") });
    const network = { ...networkOptions.parse({ tls: tls() }), proxy: secret };
    const { result } = hecClient(splunk.url, {}, { network });
    expect(await result()).toHaveProperty("reason", "proxy_authentication");
    writeFileSync(`${file}.new`, address(password));
    renameSync(`${file}.new`, file);
    expect(await result()).toBe(200);
  });
});

describe("failures of the proxy", () => {
  test("tunnel - a proxy that is not there is named, and not Splunk", async () => {
    const port = await freePort();
    const { result } = hecClient("https://splunk.example.com:8088", {
      proxy: `http://joe:${password}@127.0.0.1:${port}`,
    });
    const wait = await result();
    expect(wait).toMatchObject({
      kind: "retry",
      reason: "proxy_unreachable",
      detail: expect.stringMatching(
        `^PROXY_UNREACHABLE: no connection to the proxy http://127.0.0.1:${port}: .*ECONNREFUSED`,
      ),
    });
    expect(JSON.stringify(wait)).not.toContain(password);
  });

  const html = "<html>Bad Gateway</html>";
  test.each<[string, ProxyBehaviour, string, string, string]>([
    ["502", { kind: "answer", head: "502 Bad Gateway" }, "retry", "proxy_error", "HTTP 502"],
    [
      "an HTML 502",
      {
        kind: "answer",
        head: `502 x\r\nContent-Type: text/html\r\nContent-Length: ${html.length}`,
        body: html,
      },
      "retry",
      "proxy_error",
      "HTTP 502",
    ],
    ["503", { kind: "answer", head: "503 Busy" }, "retry", "proxy_error", "HTTP 503"],
    ["403", { kind: "answer", head: "403 Forbidden" }, "blocked", "proxy_refused", "HTTP 403"],
    [
      "a redirect",
      { kind: "answer", head: "302 Found\r\nLocation: http://127.0.0.1:1/" },
      "retry",
      "proxy_error",
      "HTTP 302",
    ],
    [
      "no HTTP",
      { kind: "answer", head: "no http" },
      "retry",
      "proxy_error",
      "no answer to CONNECT",
    ],
    [
      "the end of the connection",
      { kind: "reset" },
      "retry",
      "proxy_error",
      "no answer to CONNECT",
    ],
  ])(
    "tunnel - %s to CONNECT is the proxy's, and nothing is sent",
    async (_, behaviour, kind, reason, said) => {
      const splunk = await startSplunk();
      const proxy = await startProxy({ behaviour });
      const { result } = hecClient(splunk.url, {
        tls: tls(),
        proxy: `http://joe:${password}@127.0.0.1:${proxy.port}`,
      });
      const wait = await result();
      expect(wait).toMatchObject({ kind, reason });
      expect(wait).toHaveProperty("detail", expect.stringContaining(said));
      expect(wait).toHaveProperty(
        "detail",
        expect.stringContaining(`the proxy http://127.0.0.1:${proxy.port}`),
      );
      expect(JSON.stringify(wait)).not.toContain(password);
      expect(proxy.connects).toHaveLength(1);
      expect(splunk.connections.count).toBe(0);
    },
  );

  test("tunnel - Splunk that is not there is the proxy's 502", async () => {
    const proxy = await startProxy();
    const { result } = hecClient(`https://splunk.example.com:${await freePort()}`, {
      proxy: `http://127.0.0.1:${proxy.port}`,
    });
    expect(await result()).toMatchObject({ reason: "proxy_error" });
  });

  test("tunnel - a handshake through the proxy that hangs ends at connect_timeout", async () => {
    const proxy = await startProxy();
    const silent = await startSilentServer();
    const clock = new ManualClock();
    const url = `https://splunk.example.com:${silent.port}`;
    const { result } = hecClient(url, { proxy: `http://127.0.0.1:${proxy.port}` }, { clock });
    const waiting = result();
    await silent.heard;
    clock.pass(5000);
    expect(await waiting).toMatchObject({
      reason: "timeout",
      detail: "ETIMEDOUT: no connection after 5000 ms, at the TLS handshake",
    });
  });

  test("tunnel - a proxy that does not answer CONNECT fails after connect_timeout, and is named", async () => {
    const proxy = await startProxy({ behaviour: { kind: "hang" } });
    const clock = new ManualClock();
    const url = "http://splunk.example.com:8088";
    const { result } = hecClient(url, { proxy: `http://127.0.0.1:${proxy.port}` }, { clock });
    const waiting = result();
    await eventually(() => proxy.connects.length > 0);
    clock.pass(5000);
    expect(await waiting).toMatchObject({
      kind: "retry",
      reason: "proxy_error",
      detail: expect.stringMatching(
        `the proxy http://127.0.0.1:${proxy.port}: .*no connection after 5000 ms`,
      ),
    });
  });

  test("tunnel - a proxy with TLS whose certificate nobody vouches for gets no CONNECT", async () => {
    const proxy = await startProxy({ tls: { cert: all.good.certificate, key: all.good.key } });
    const splunk = await startSplunk();
    // ca_file is for Splunk.
    const { result } = hecClient(splunk.url, {
      tls: tls(),
      proxy: `https://joe:${password}@localhost:${proxy.port}`,
    });
    expect(await result()).toMatchObject({
      kind: "blocked",
      reason: "proxy_tls",
      detail: expect.stringContaining(`no TLS with the proxy https://localhost:${proxy.port}`),
    });
    expect(proxy.connects).toEqual([]);
  });

  test("tunnel - a proxy with TLS that the machine trusts is used", async () => {
    const proxy = await startProxy({
      tls: { cert: all.good.certificate, key: all.good.key },
      credentials: `joe:${password}`,
    });
    const splunk = await startSplunk();
    const program = new URL("../../../support/hec/hec-post.ts", import.meta.url).pathname;
    // What a machine trusts is settled when a process begins.
    const { stdout } = await promisify(execFile)(process.execPath, [program, splunk.url], {
      env: {
        ...process.env,
        NODE_EXTRA_CA_CERTS: tls().ca_file,
        https_proxy: `https://joe:${password}@localhost:${proxy.port}`,
      },
    });
    expect(JSON.parse(stdout)).toHaveProperty("answer.status", 200);
    expect(proxy.connects).toHaveLength(1);
    expect(splunk.requests).toHaveLength(1);
  });

  test("tunnel - a proxy with TLS is verified whatever the environment says", async () => {
    vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", "0");
    onTestFinished(() => void vi.unstubAllEnvs());
    const proxy = await startProxy({ tls: { cert: all.good.certificate, key: all.good.key } });
    const { result } = hecClient("http://splunk.example.com:8088", {
      proxy: `https://joe:${password}@localhost:${proxy.port}`,
    });
    expect(await result()).toMatchObject({ reason: "proxy_tls" });
    expect(proxy.connects).toEqual([]);
  });

  test.each(["http", "https"])(
    "tunnel - a page in the place of a way through is no answer of Splunk's: %s",
    async (scheme) => {
      const body = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
      const proxy = await startProxy({ behaviour: { kind: "answer", head: "200 OK", body } });
      const { result } = hecClient(`${scheme}://splunk.example.com:8088`, {
        proxy: `http://127.0.0.1:${proxy.port}`,
      });
      expect(await result()).toMatchObject({
        kind: "retry",
        reason: "proxy_error",
        detail: expect.stringContaining("with more than headers: it is not usable as a proxy"),
      });
      expect(proxy.connects).toHaveLength(1);
    },
  );
});
