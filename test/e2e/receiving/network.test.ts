/**
 * The real daemon behind a proxy and TLS with a client certificate, and with a token file that is replaced while the
 * token in it is refused: everything arrives, and no secret is in anything that it leaves behind.
 */
import {
  appendFileSync,
  globSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { connect, type AddressInfo, type Socket } from "node:net";
import { join } from "node:path";
import { createServer } from "node:tls";
import { expect, onTestFinished, test } from "vitest";
import { stateDirectory, writeConfig } from "../../support/agent-config.ts";
import { encryptedKey, issueAll } from "../../support/servers/certificates.ts";
import { Daemon } from "../../support/daemon.ts";
import { startProxy } from "../../support/servers/proxy-server.ts";
import { Splunk, valid_token } from "../../support/splunk.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

const former_token = "0f0f0f0f-1111-4111-8111-decade000000";
const passphrase = "0pen-sesame-passphrase";
const password = "pr0xy-passw0rd";
const all = issueAll();

/** TLS in front of a server that has none; gives the port. */
async function startTlsFor({ url }: Splunk): Promise<number> {
  const sockets: Socket[] = [];
  const options = {
    cert: all.other_name.certificate,
    key: all.other_name.key,
    requestCert: true,
    rejectUnauthorized: true,
    ca: all.authority.certificate,
  };
  const server = createServer(options, (client) => {
    const upstream = connect(Number(new URL(url).port), "127.0.0.1");
    for (const socket of [client, upstream]) sockets.push(socket.on("error", () => undefined));
    client.pipe(upstream).pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

test("network - a replaced token is used without a restart, and no secret is left anywhere", async () => {
  const directory = temporaryDirectory();
  const splunk = await Splunk.start();
  const port = await startTlsFor(splunk);
  const proxy = await startProxy({ credentials: `joe:${password}` });
  const files = {
    "ca.pem": all.authority.certificate,
    "client.pem": all.client.certificate,
    "client.key": encryptedKey(all.client, passphrase),
    token: `${former_token}\n`,
    passphrase: `${passphrase}\n`,
    proxy: `http://joe:${password}@127.0.0.1:${proxy.port}`,
  };
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(directory, name), text, { mode: 0o600 });
  }
  const path = join(directory, "audit.log");
  writeFileSync(path, '{"n":1}\n');
  const config = writeConfig({
    directory,
    url: `https://splunk.example.com:${port}`,
    paths: [path],
    output: [
      "proxy: ${file:proxy}",
      "tls:",
      "  ca_file: ca.pem",
      "  cert_file: client.pem",
      "  key_file: client.key",
      "  key_passphrase: ${file:passphrase}",
    ],
  });
  writeFileSync(config, readFileSync(config, "utf8").replace(valid_token, "${file:token}"));

  const daemon = await Daemon.start(config);
  const refused = await daemon.logged("splunk_token_refused");
  expect(refused).toMatchObject({ level: "error", reason: "invalid_token", status: 403 });
  expect(splunk.events).toEqual([]);
  writeFileSync(join(directory, "token.new"), `${valid_token}\n`);
  renameSync(join(directory, "token.new"), join(directory, "token"));
  await splunk.until(() => splunk.events.length === 1 || !daemon.alive);
  appendFileSync(path, '{"n":2}\n');
  await splunk.until(() => splunk.events.length === 2 || !daemon.alive);
  await daemon.stop();
  expect(splunk.events).toEqual(['{"n":1}', '{"n":2}']);
  expect(daemon.books.total).toMatchObject({ received: 2, delivered: 2 });

  const secrets = [former_token, valid_token, passphrase, password, `joe:${password}`];
  const forms = secrets.flatMap((each) => [each, Buffer.from(each).toString("base64")]);
  const left = globSync(`${stateDirectory({ directory, url: "" })}/**/*`).filter((file) =>
    statSync(file).isFile(),
  );
  expect(left.length).toBeGreaterThan(0);
  const texts = [...daemon.lines, ...left.map((file) => readFileSync(file, "latin1"))];
  for (const form of forms) expect(texts.filter((text) => text.includes(form))).toEqual([]);
  expect(proxy.seen).not.toContain(valid_token);
});
