/** One request, over TLS: who is trusted, and that nothing is sent to anybody else. */
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import type { Outcome } from "../../../src/output/hec-client.ts";
import { decideFailure } from "../../../src/output/response.ts";
import { Secret } from "../../../src/platform/secret.ts";
import { test_certificate, test_key } from "../../support/certificate.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

const program = new URL("../../support/hec-post.ts", import.meta.url).pathname;

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

async function post(url: string, env: Record<string, string> = {}): Promise<Outcome> {
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
  const outcome = await post(`https://127.0.0.1:${port}`);
  expect(outcome).toMatchObject({ failure: { code: "DEPTH_ZERO_SELF_SIGNED_CERT" } });
  expect(reasonOf(outcome)).toBe("tls");
  expect(bodies).toEqual([]);
});

test.each(["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"])(
  "hec client - an authority that the machine trusts is trusted: %s",
  async (variable) => {
    const { port, bodies } = await startServer();
    const file = join(temporaryDirectory(), "authority.pem");
    writeFileSync(file, test_certificate);
    const outcome = await post(`https://127.0.0.1:${port}`, { [variable]: file });
    expect(outcome).toMatchObject({ answer: { status: 200 } });
    expect(bodies).toEqual(['{"event":"x"}\n']);
  },
);

test("hec client - a certificate for another name is refused, and nothing is sent", async () => {
  const { port, bodies } = await startServer();
  const file = join(temporaryDirectory(), "authority.pem");
  writeFileSync(file, test_certificate);
  const outcome = await post(`https://localhost:${port}`, { NODE_EXTRA_CA_CERTS: file });
  expect(outcome).toMatchObject({ failure: { code: "ERR_TLS_CERT_ALTNAME_INVALID" } });
  expect(reasonOf(outcome)).toBe("tls");
  expect(bodies).toEqual([]);
});

test("hec client - TLS to a port that does not speak it is named as such", async () => {
  const { port } = await startServer(false);
  expect(reasonOf(await post(`https://127.0.0.1:${port}`))).toBe("tls");
});

test("hec client - plain HTTP to a port that speaks TLS fails, and is no success", async () => {
  const { port, bodies } = await startServer();
  const outcome = await post(`http://127.0.0.1:${port}`);
  expect(outcome).toHaveProperty("failure");
  expect(bodies).toEqual([]);
});
