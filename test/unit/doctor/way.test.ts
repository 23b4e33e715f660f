/**
 * What `doctor` finds on the way to Splunk: name, connection, proxy and TLS, with real servers and certificates.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { createServer as createSecureServer, type ServerOptions } from "node:https";
import { join } from "node:path";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { issue, issueAll, type Issued } from "../../support/servers/certificates.ts";
import { faultsIn, findingsOf, onlyFault, setUp } from "../../support/doctor.ts";
import { freePort } from "../../support/servers/free-port.ts";
import { startProxy } from "../../support/servers/proxy-server.ts";
import { Splunk } from "../../support/splunk.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

let issued: ReturnType<typeof issueAll>;
let authority: Issued;
let lasting: Issued;
beforeAll(() => {
  issued = issueAll();
  authority = issue({ name: "lasting authority", is_authority: true, until_days: 365 });
  lasting = issue({ name: "server", hosts: ["127.0.0.1"], issuer: authority, until_days: 365 });
});

const after_dns = ["tcp", "tls", "health", "token", "ack", "event", "clock"];

/** What is said of one check. */
const said = (findings: Awaited<ReturnType<typeof findingsOf>>, check: string) =>
  findings.find((finding) => finding.check === check)!;

describe("the name and the connection", () => {
  test("doctor - names a host that does not exist", async () => {
    // Too long for any name server to be asked about.
    const url = `https://${"a".repeat(64)}.example.com:8088`;
    const findings = await findingsOf(setUp({ url, output: ["proxy: none"] }));
    expect(onlyFault(findings, "dns", "name_unknown").remedy).toContain("output.url");
    const skipped = findings.filter(({ verdict }) => verdict === "skipped");
    expect(skipped.map(({ check }) => check)).toEqual(after_dns);
  });

  test("doctor - names a port where nothing listens", async () => {
    const findings = await findingsOf(setUp({ url: `https://127.0.0.1:${await freePort()}` }));
    expect(onlyFault(findings, "tcp", "connection_refused").remedy).toContain("8088");
  });

  test("doctor - finds its way by the one address of several that takes connections", async () => {
    // localhost is ::1, too, where the machine has IPv6; the server listens on 127.0.0.1 alone.
    const splunk = await Splunk.start();
    const url = splunk.url.replace("127.0.0.1", "localhost");
    const findings = await findingsOf(setUp({ url }));
    expect(faultsIn(findings)).toEqual([]);
    expect(splunk.indexed).toHaveLength(1);
  });

  test("doctor - names a port that takes no connections, as behind a firewall that swallows packets", async () => {
    const findings = await findingsOf(setUp({ url: `https://127.0.0.1:${await deafPort()}` }));
    expect(onlyFault(findings, "tcp", "timeout").remedy).toContain("firewall");
  });

  test.each(["http", "https"])(
    "doctor - names a server that breaks %s connections off",
    async (scheme) => {
      const url = await startTcp((socket) => socket.once("data", () => socket.resetAndDestroy()));
      const findings = await findingsOf(setUp({ url: url.replace("http", scheme) }));
      onlyFault(findings, scheme === "http" ? "health" : "tls", "connection_reset");
    },
  );

  test("doctor - names a server that speaks no HTTP", async () => {
    const url = await startTcp((socket) => socket.end("SSH-2.0-OpenSSH_9.6\r\n"));
    const findings = await findingsOf(setUp({ url }));
    expect(onlyFault(findings, "health", "broken_answer").remedy).toContain("output.url");
  });
});

describe("TLS", () => {
  test("doctor - finds nothing where the authority is named, and says how long it is valid", async () => {
    const { url } = await startSplunk(lasting);
    const findings = await findingsOf(setUp({ url, output: [caFile(authority)] }));
    expect(faultsIn(findings)).toEqual([]);
    expect(said(findings, "tls").message).toMatch(/TLSv1\.3, certificate valid until \d{4}-\d\d-/);
  });

  test.each([
    ["expired", "tls_expired", /server expired on \d{4}/, "Renew"],
    ["not_yet_valid", "tls_not_yet_valid", /not valid before \d{4}-\d\d-\d\d/, "clock"],
    ["other_name", "tls_wrong_name", /splunk\.example\.com/, "output.tls.server_name"],
    ["self_signed", "tls_self_signed", /self-signed/, "output.tls.ca_file"],
    ["by_stranger", "tls_unknown_authority", /nobody knows/, "output.tls.ca_file"],
  ] as const)("doctor - names a certificate that is %s", async (kind, cause, message, remedy) => {
    const chain = kind === "by_stranger" ? issued.stranger.certificate : "";
    const { url } = await startSplunk(issued[kind], chain);
    const findings = await findingsOf(setUp({ url, output: [caFile(issued.authority)] }));
    const fault = onlyFault(findings, "tls", cause);
    expect(fault.message).toMatch(message);
    expect(fault.remedy).toContain(remedy);
  });

  test("doctor - names an authority that is not trusted where none is set", async () => {
    const { url } = await startSplunk(lasting);
    const findings = await findingsOf(setUp({ url }));
    const { message, remedy } = onlyFault(findings, "tls", "tls_unknown_authority");
    expect(message).toContain("lasting authority");
    expect(remedy).toContain("output.tls.ca_file");
  });

  test("doctor - names a server that leaves out the certificate between its own and the trusted one", async () => {
    const { url } = await startSplunk(issued.by_intermediate);
    const findings = await findingsOf(setUp({ url, output: [caFile(issued.authority)] }));
    const { message, remedy } = onlyFault(findings, "tls", "tls_intermediate_missing");
    expect(message).toContain("intermediate");
    expect(remedy).toContain("whole chain");
  });

  test("doctor - warns of a certificate that expires within a month", async () => {
    const { url } = await startSplunk(
      issue({ name: "soon", hosts: ["127.0.0.1"], issuer: authority, until_days: 10 }),
    );
    const findings = await findingsOf(setUp({ url, output: [caFile(authority)] }));
    const { message, verdict } = onlyFault(findings, "tls", "tls_expires_soon");
    expect(verdict).toBe("warning");
    expect(message).toContain("soon");
  });

  test("doctor - warns of an authority that expires within a month", async () => {
    const old = issue({ name: "old authority", is_authority: true, until_days: 10 });
    const server = { name: "server", hosts: ["127.0.0.1"], issuer: old, until_days: 365 };
    const { url } = await startSplunk(issue(server));
    const findings = await findingsOf(setUp({ url, output: [caFile(old)] }));
    expect(onlyFault(findings, "tls", "tls_expires_soon").message).toContain("old authority");
  });

  test("doctor - warns where nothing is verified, and says what verifying would find", async () => {
    const { url } = await startSplunk(lasting);
    const findings = await findingsOf(setUp({ url, output: ["tls: { verify: false }"] }));
    expect(faultsIn(findings)).toContain("tls tls_unverified");
    const fault = findings.find(({ cause }) => cause === "tls_unverified")!;
    expect(fault.message).toMatch(/UNABLE_TO|SELF_SIGNED/);
  });

  test("doctor - names a server whose TLS is too old", async () => {
    const old = {
      minVersion: "TLSv1",
      maxVersion: "TLSv1.1",
      ciphers: "DEFAULT@SECLEVEL=0",
    } as const;
    const url = await startSecure({ ...old, cert: lasting.certificate, key: lasting.key });
    const findings = await findingsOf(setUp({ url, output: [caFile(authority)] }));
    expect(onlyFault(findings, "tls", "tls_too_old").remedy).toContain("sslVersions");
  });

  test.each([
    ["TLSv1.2", "tls_broken_off"],
    ["TLSv1.3", "tls_client_certificate"],
  ] as const)(
    "doctor - names a server that wants a client certificate, with %s",
    async (version, cause) => {
      const url = await startSecure({
        minVersion: version,
        maxVersion: version,
        requestCert: true,
        cert: lasting.certificate,
        key: lasting.key,
        ca: authority.certificate,
      });
      const findings = await findingsOf(setUp({ url, output: [caFile(authority)] }));
      const { remedy } = onlyFault(findings, "tls", cause);
      expect(remedy).toContain("output.tls.cert_file");
    },
  );

  test("doctor - finds nothing where the client certificate is the right one", async () => {
    const splunk = await Splunk.start();
    const url = await startSecure(
      {
        requestCert: true,
        cert: lasting.certificate,
        key: lasting.key,
        ca: authority.certificate,
      },
      splunk,
    );
    const client = pair(issue({ name: "client", issuer: authority }));
    const output = [`tls: { ca_file: ${pem(authority)}, ${client} }`];
    expect(faultsIn(await findingsOf(setUp({ url, output })))).toEqual([]);
  });

  test("doctor - names an authority's file that is not there, and looks at all that needs none", async () => {
    const splunk = await Splunk.start();
    const url = splunk.url.replace("http:", "https:");
    const findings = await findingsOf(setUp({ url, output: ["tls: { ca_file: nowhere.pem }"] }));
    expect(onlyFault(findings, "config", "config_invalid").message).toContain("nowhere.pem");
    expect(said(findings, "state").verdict).toBe("ok");
    expect(findings.at(-1)).toMatchObject({ check: "tcp", verdict: "skipped" });
  });

  test("doctor - names a server that speaks plain HTTP where https:// is written", async () => {
    const splunk = await Splunk.start();
    const url = splunk.url.replace("http:", "https:");
    const findings = await findingsOf(setUp({ url }));
    expect(onlyFault(findings, "tls", "tls_not_spoken").remedy).toContain("http://");
    expect(splunk.requests).toEqual([]);
  });

  test("doctor - names a server that speaks TLS where http:// is written", async () => {
    const { url } = await startSplunk(lasting);
    const findings = await findingsOf(setUp({ url: url.replace("https:", "http:") }));
    expect(onlyFault(findings, "health", "tls_expected").remedy).toContain("https://");
  });

  test("doctor - names a server that takes the connection and then says nothing", async () => {
    const url = await startTcp(() => undefined);
    const output = ["connect_timeout: 2s"];
    const secure = url.replace("http:", "https:");
    const findings = await findingsOf(setUp({ url: secure, output }));
    expect(onlyFault(findings, "tls", "timeout").message).toContain("TLS handshake");
  });
});

describe("the proxy", () => {
  const url = "http://splunk.example.com:8088";

  test("doctor - finds nothing where the proxy lets through, and asks no name server for Splunk's name", async () => {
    const splunk = await Splunk.start();
    const { port } = await startProxy();
    const through = `http://splunk.example.com:${new URL(splunk.url).port}`;
    const output = [`proxy: http://127.0.0.1:${port}`];
    const findings = await findingsOf(setUp({ url: through, output }));
    expect(faultsIn(findings)).toEqual(["config config_doubtful"]);
    expect(splunk.indexed).toHaveLength(1);
    expect(said(findings, "proxy").message).toContain(`http://127.0.0.1:${port}`);
  });

  test("doctor - names a proxy where nothing listens", async () => {
    const output = [`proxy: http://127.0.0.1:${await freePort()}`];
    const findings = await findingsOf(setUp({ url, output }));
    expect(faultsIn(findings)).toEqual(["config config_doubtful", "tcp connection_refused"]);
    expect(said(findings, "tcp").subject).toContain("proxy");
  });

  test("doctor - names a proxy that speaks no TLS where https:// is written", async () => {
    const { port } = await startProxy();
    const findings = await findingsOf(setUp({ url, output: [`proxy: https://127.0.0.1:${port}`] }));
    expect(faultsIn(findings)).toEqual(["config config_doubtful", "proxy proxy_tls"]);
  });

  test("doctor - names credentials that the proxy does not take, and shows none", async () => {
    const { port } = await startProxy({ credentials: "tallyman:right" });
    const output = [`proxy: http://tallyman:hush-hush@127.0.0.1:${port}`];
    const findings = await findingsOf(setUp({ url, output }));
    const fault = findings.find(({ check }) => check === "proxy")!;
    expect(fault).toMatchObject({ verdict: "failed", cause: "proxy_authentication" });
    expect(fault.remedy).toContain("output.proxy");
    expect(JSON.stringify(findings)).not.toContain("hush-hush");
  });

  test.each([
    ["403 Forbidden", "proxy_refused"],
    ["502 Bad Gateway", "proxy_error"],
  ])("doctor - names a proxy that answers %s to CONNECT", async (head, cause) => {
    const { port } = await startProxy({ behaviour: { kind: "answer", head } });
    const output = [`proxy: http://127.0.0.1:${port}`];
    const findings = await findingsOf(setUp({ url, output }));
    expect(faultsIn(findings)).toEqual(["config config_doubtful", `proxy ${cause}`]);
  });
});

test("doctor - sends no token to a server whose certificate it does not trust", async () => {
  const splunk = await Splunk.start();
  const url = await startSecure({ cert: lasting.certificate, key: lasting.key }, splunk);
  await findingsOf(setUp({ url }));
  expect(splunk.requests).toEqual([]);
});

/** A Splunk that shows a certificate, and what stands between it and its authority. */
async function startSplunk({ certificate, key }: Issued, chain = "") {
  const splunk = await Splunk.start({ tls: { cert: certificate + chain, key } });
  return { url: splunk.url };
}

/** A server with TLS options that passes requests on to a Splunk. */
async function startSecure(options: ServerOptions, splunk?: Splunk): Promise<string> {
  const server = createSecureServer(options, (request, response) => {
    request.resume();
    const body = Buffer.from("");
    const { method = "", url: path = "", headers } = request;
    const chunks: Buffer[] = [body];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const call = { method, path, headers, body: Buffer.concat(chunks) };
      const served = splunk?.balancer.serve(call, { kind: "normal" });
      if (served?.wire.kind !== "reply") return response.writeHead(500).end();
      const { reply } = served.wire;
      return response.writeHead(reply.status, reply.headers).end(reply.body);
    });
  });
  server.on("tlsClientError", () => undefined);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function startTcp(onSocket: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    onSocket(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A port on which a process listens that never accepts, and has no room for more connections to wait. */
async function deafPort(): Promise<number> {
  const script =
    'const server = require("node:net").createServer();' +
    'server.listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => console.log(server.address().port));';
  const child = spawn(process.execPath, ["-e", script]);
  const sockets: Socket[] = [];
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    child.kill("SIGKILL");
  });
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  child.kill("SIGSTOP");
  const port = Number(line);
  while (!someWaitFor(port)) {
    const socket = connect({ port, host: "127.0.0.1" });
    socket.on("error", () => undefined);
    sockets.push(socket);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return port;
}

/** Whether a connection to the port is begun and not answered (SYN_SENT in proc_net_tcp(5)). */
function someWaitFor(port: number): boolean {
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  return new RegExp(`:${hex} 02 `).test(readFileSync("/proc/net/tcp", "utf8"));
}

function pem({ certificate }: Issued): string {
  const file = join(temporaryDirectory(), "ca.pem");
  writeFileSync(file, certificate);
  return file;
}

function caFile(trusted: Issued): string {
  return `tls: { ca_file: ${pem(trusted)} }`;
}

function pair({ certificate, key }: Issued): string {
  const directory = temporaryDirectory();
  writeFileSync(join(directory, "cert.pem"), certificate);
  writeFileSync(join(directory, "key.pem"), key, { mode: 0o600 });
  return `cert_file: ${directory}/cert.pem, key_file: ${directory}/key.pem`;
}
