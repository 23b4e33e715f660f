/** One request: who gets it, and the token, and how long it may take. */
import { execFile } from "node:child_process";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { createServer } from "node:https";
import { createServer as createTcpServer, type AddressInfo, type Socket } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Outcome } from "../../../../../src/output/splunk-hec/endpoints/hec-client.ts";
import { decideFailure } from "../../../../../src/output/splunk-hec/answers/response.ts";
import { Secret } from "../../../../../src/platform/secret.ts";
import { test_certificate, test_key } from "../../../../support/servers/certificate.ts";
import { long, longTest, sampledCases } from "../../../../support/effort.ts";
import { client_token, hecClient } from "../../../../support/hec/hec-client.ts";
import { ManualClock } from "../../../../support/clocks/manual-clock.ts";
import { startSilentServer } from "../../../../support/servers/silent-server.ts";
import { temporaryDirectory } from "../../../../support/temporary.ts";
import { startWebServer } from "../../../../support/servers/web-server.ts";

const program = new URL("../../../../support/hec/hec-post.ts", import.meta.url).pathname;

interface TlsServer {
  port: number;
  /** The bodies that came. */
  bodies: string[];
}

async function startServer(secure = true): Promise<TlsServer> {
  const bodies: string[] = [];
  const options = { key: test_key, cert: test_certificate };
  const server = secure ? createServer(options) : createHttpServer();
  server.on("request", (request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => (body += text));
    request.on("end", () => {
      bodies.push(body);
      response.end('{"text":"Success","code":0}');
    });
  });
  server.on("tlsClientError", () => undefined);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, bodies };
}

async function postAlone(url: string, env: Record<string, string> = {}): Promise<Outcome> {
  const { stdout } = await promisify(execFile)(process.execPath, [program, url], {
    env: { ...process.env, ...env },
  });
  expect(stdout).not.toContain("a-secret-token");
  return JSON.parse(stdout) as Outcome;
}

function reasonOf(outcome: Outcome): string | undefined {
  return "failure" in outcome
    ? decideFailure(outcome.failure, new Secret("a-secret-token")).reason
    : undefined;
}

test("hec client - a certificate that nobody vouches for is refused, and nothing is sent", async () => {
  const { port, bodies } = await startServer();
  const outcome = await postAlone(`https://127.0.0.1:${port}`);
  expect(outcome).toMatchObject({ failure: { code: "DEPTH_ZERO_SELF_SIGNED_CERT" } });
  expect(reasonOf(outcome)).toBe("tls");
  expect(bodies).toEqual([]);
});

test.each(sampledCases(["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"], 2))(
  "hec client - an authority that the machine trusts is trusted: %s",
  long,
  async (variable) => {
    const { port, bodies } = await startServer();
    const file = join(temporaryDirectory(), "authority.pem");
    writeFileSync(file, test_certificate);
    const outcome = await postAlone(`https://127.0.0.1:${port}`, { [variable]: file });
    expect(outcome).toMatchObject({ answer: { status: 200 } });
    expect(bodies).toEqual(['{"event":"x"}\n']);
  },
);

longTest(
  "hec client - a certificate for another name is refused, and nothing is sent",
  async () => {
    const { port, bodies } = await startServer();
    const file = join(temporaryDirectory(), "authority.pem");
    writeFileSync(file, test_certificate);
    const outcome = await postAlone(`https://localhost:${port}`, { NODE_EXTRA_CA_CERTS: file });
    expect(outcome).toMatchObject({ failure: { code: "ERR_TLS_CERT_ALTNAME_INVALID" } });
    expect(reasonOf(outcome)).toBe("tls");
    expect(bodies).toEqual([]);
  },
);

test("hec client - TLS to a port that does not speak it is named as such", async () => {
  const { port } = await startServer(false);
  expect(reasonOf(await postAlone(`https://127.0.0.1:${port}`))).toBe("tls");
});

longTest("hec client - plain HTTP to a port that speaks TLS fails, and is no success", async () => {
  const { port, bodies } = await startServer();
  const outcome = await postAlone(`http://127.0.0.1:${port}`);
  expect(outcome).toHaveProperty("failure");
  expect(bodies).toEqual([]);
});

describe("redirects", () => {
  test.each([301, 302, 303, 307, 308])(
    "hec client - %i is not followed, so nobody else gets the token",
    async (status) => {
      const other = await startWebServer();
      const location = `http://127.0.0.1:${other.port}/services/collector/event`;
      const server = await startWebServer(undefined, (_, response) =>
        response.writeHead(status, { location }).end(),
      );
      const { result } = hecClient(`http://127.0.0.1:${server.port}`);
      expect(await result()).toBe(status);
      expect(server.requests).toHaveLength(1);
      expect(other.connections.count).toBe(0);
    },
  );
});

describe("a token in a file", () => {
  function tokenFile(text: string) {
    const file = join(temporaryDirectory(), "token");
    const replace = (other: string): void => {
      writeFileSync(`${file}.new`, other);
      renameSync(`${file}.new`, file);
    };
    replace(text);
    const token = new Secret(text, (other) => other !== "");
    token.follow({ files: [file], read: () => readFileSync(file, "utf8") });
    return { token, replace };
  }

  test("hec client - is used from the next request on when it is replaced", async () => {
    const server = await startWebServer();
    const { token, replace } = tokenFile("first-token");
    const { log, result } = hecClient(`http://127.0.0.1:${server.port}`, {}, { token });
    await result();
    replace("second-token");
    await result();
    const shown = server.requests.map(({ headers }) => headers.authorization);
    expect(shown).toEqual(["Splunk first-token", "Splunk second-token"]);
    expect(server.connections.count).toBe(1);
    expect(log.lines).toEqual([]);
  });

  test("hec client - stays in use while the new file is unusable, which is logged once", async () => {
    const server = await startWebServer();
    const url = `http://127.0.0.1:${server.port}`;
    const { token, replace } = tokenFile("first-token");
    const { log, result } = hecClient(url, {}, { token });
    replace("");
    expect([await result(), await result()]).toEqual([200, 200]);
    expect(server.requests[1]!.headers.authorization).toBe("Splunk first-token");
    expect(log.lines).toEqual([
      {
        level: "warn",
        code: "splunk_token_file_unusable",
        facts: { endpoint: url, wrong: "what is there now cannot be used" },
        message: expect.any(String),
      },
    ]);
  });

  test("hec client - that hangs holds nothing up", async () => {
    const server = await startWebServer();
    const token = new Secret(client_token);
    let looks = 0;
    token.refresh = () => {
      looks += 1;
      return new Promise(() => undefined);
    };
    const { result } = hecClient(`http://127.0.0.1:${server.port}`, {}, { token });
    expect([await result(), await result()]).toEqual([200, 200]);
    expect(looks).toBe(1);
  });
});

test("hec client - a POST without a body says so, since some servers refuse one that says no length", async () => {
  const lengths: (string | undefined)[] = [];
  const server = await startWebServer(undefined, (request, response) => {
    lengths.push(request.headers["content-length"]);
    response.end();
  });
  const { client } = hecClient(`http://127.0.0.1:${server.port}`);
  await client.request({ method: "POST", path: "/services/collector/event" });
  await client.request({ method: "GET", path: "/services/collector/health" });
  expect(lengths).toEqual(["0", undefined]);
});

describe("time", () => {
  test("hec client - an answer that does not begin fails after headers_timeout", async () => {
    const server = await startWebServer(undefined, () => undefined);
    const { post } = hecClient(`http://127.0.0.1:${server.port}`, { headers_timeout: "1s" });
    const outcome = await post();
    expect(outcome).toMatchObject({ failure: { code: "HEADERS_TIMEOUT" } });
    expect(reasonOf(outcome)).toBe("timeout");
  });

  test("hec client - headers_timeout counts from the beginning of a request, upload included", async () => {
    // It takes connections and reads nothing.
    const sockets: Socket[] = [];
    const server = createTcpServer({ pauseOnConnect: true }, (socket) => sockets.push(socket));
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    const { port } = server.address() as AddressInfo;
    const { client } = hecClient(`http://127.0.0.1:${port}`, { headers_timeout: "1s" });
    const body = Buffer.alloc(50_000_000);
    const outcome = await client.request({ method: "POST", path: "/", body });
    expect(outcome).toMatchObject({ failure: { code: "HEADERS_TIMEOUT" } });
  });

  test("hec client - an answer that stops half-way fails after body_timeout", async () => {
    const server = await startWebServer(undefined, (_, response) => response.write('{"text'));
    const { post } = hecClient(`http://127.0.0.1:${server.port}`, { body_timeout: "1s" });
    const outcome = await post();
    expect(outcome).toMatchObject({ failure: { code: "BODY_TIMEOUT" } });
    expect(reasonOf(outcome)).toBe("timeout");
  });

  test("hec client - an answer whose body never ends is cut, and nothing in it is believed", async () => {
    const success = '{"text":"Success","code":0}';
    const server = await startWebServer(undefined, (_, response) => {
      response.write(success);
      response.on("drain", () => response.write(" ".repeat(16_384)));
      response.write(" ".repeat(100_000));
    });
    const { post } = hecClient(`http://127.0.0.1:${server.port}`);
    expect(await post()).toMatchObject({ answer: { status: 200, body: "", is_cut: true } });
  });

  test("hec client - an answer of 64 KiB is read to its end", async () => {
    const body = '{"text":"Success","code":0}'.padEnd(65_536);
    const server = await startWebServer(undefined, (_, response) => response.end(body));
    const { post } = hecClient(`http://127.0.0.1:${server.port}`);
    expect(await post()).toEqual({ answer: expect.objectContaining({ status: 200, body }) });
  });

  test("hec client - whatever else is allowed, timeout bounds a request", async () => {
    const server = await startWebServer(undefined, () => undefined);
    const url = `http://127.0.0.1:${server.port}`;
    const { post } = hecClient(url, { headers_timeout: "1h" }, { timeout_ms: 100 });
    expect(await post()).toMatchObject({ failure: { code: "ETIMEDOUT" } });
  });

  test("hec client - timeout bounds the opening of a connection, too, for all who wait for it", async () => {
    const silent = await startSilentServer();
    const clock = new ManualClock();
    const url = `https://127.0.0.1:${silent.port}`;
    const { post } = hecClient(url, { connect_timeout: "1h" }, { clock, timeout_ms: 2000 });
    const first = post();
    await silent.heard;
    clock.pass(1000);
    const second = post();
    clock.pass(1000);
    expect(await first).toMatchObject({ failure: { code: "ETIMEDOUT" } });
    clock.pass(1000);
    expect(await second).toMatchObject({ failure: { code: "ETIMEDOUT" } });
  });
});

test.each([
  ["Fri, 21 Mar 2025 06:38:07 GMT", 19_585],
  ["Fri, 21 Mar 2025 06:37:07 GMT", -40_415],
  ["no date", undefined],
])("clock - a server that says %s is ahead by %s ms", async (date, ahead_ms) => {
  const server = createHttpServer((request, response) => {
    request.resume();
    response.writeHead(200, { date }).end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  // It stands at 06:37:47.915.
  const clock = new ManualClock();
  clock.pass(20_000);
  const { client, post } = hecClient(`http://127.0.0.1:${port}`, {}, { clock });
  expect(client.clock_ahead_ms).toBeUndefined();
  expect(await post()).toMatchObject({ answer: { status: 200 } });
  expect(client.clock_ahead_ms).toBe(ahead_ms);
});
