/** What `check` finds wrong with TLS files and the environment's proxy before anything is connected. */
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import {
  networkComplaints,
  refuseBrokenNetwork,
} from "../../../../src/agent/setup/check-network.ts";
import { loadConfig } from "../../../../src/config/load.ts";
import { encryptedKey, issueAll } from "../../../support/servers/certificates.ts";
import { writeConfiguration } from "../../../support/configuration.ts";

const all = issueAll();

/** What is wrong with a configuration that has these lines under `tls`, beside files of every kind. */
async function complaintsAbout(
  tls: string[],
  { environment = {}, url = "https://splunk:8088" }: { environment?: object; url?: string } = {},
): Promise<string[]> {
  const under = tls.length === 0 ? "" : `  tls:\n${tls.map((line) => `    ${line}\n`).join("")}`;
  const file = writeConfiguration(
    `inputs:\n  a: { paths: [/a] }\noutput:\n  url: ${url}\n  token: abc\n${under}`,
  );
  const files = {
    "ca.pem": all.authority.certificate,
    "client.pem": all.client.certificate,
    "client.key": all.client.key,
    "other.key": all.client_of_stranger.key,
    "encrypted.key": encryptedKey(all.client, "open sesame"),
    "secret.pem": all.client.key,
    "broken.pem": all.client.certificate.replace(/\n\w{40}/, "\n"),
    "empty.pem": "",
    "unreadable.pem": all.client.certificate,
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dirname(file), name), text);
  mkdirSync(join(dirname(file), "directory.pem"));
  chmodSync(join(dirname(file), "unreadable.pem"), 0);
  const config = await loadConfig(file, {});
  const complaints = networkComplaints(config, environment as NodeJS.ProcessEnv);
  return complaints.map(({ line, column, message }) =>
    `${line}:${column} ${message}`.replaceAll(dirname(file), "DIR"),
  );
}

test.each([
  [["ca_file: ca.pem"]],
  [["ca_file: ca.pem", "cert_file: client.pem", "key_file: client.key"]],
  [["cert_file: client.pem", "key_file: encrypted.key", "key_passphrase: open sesame"]],
  [[]],
])("network - nothing is wrong with %j", async (tls) => {
  expect(await complaintsAbout(tls)).toEqual([]);
});

test.each([
  [["ca_file: none.pem"], "7:14 output.tls.ca_file: the file DIR/none.pem does not exist"],
  [
    ["ca_file: directory.pem"],
    "7:14 output.tls.ca_file: the file DIR/directory.pem is not a regular file",
  ],
  [["ca_file: empty.pem"], "7:14 output.tls.ca_file: DIR/empty.pem holds no certificate in PEM"],
  [["ca_file: secret.pem"], "7:14 output.tls.ca_file: DIR/secret.pem holds no certificate in PEM"],
  [
    ["ca_file: broken.pem"],
    "7:14 output.tls.ca_file: certificate 1 in DIR/broken.pem cannot be read",
  ],
  [
    ["cert_file: client.pem", "key_file: none.key"],
    "8:15 output.tls.key_file: the file DIR/none.key does not exist",
  ],
  [
    ["cert_file: client.pem", "key_file: client.pem"],
    "8:15 output.tls.key_file: DIR/client.pem holds no private key in PEM",
  ],
  [
    ["cert_file: client.pem", "key_file: other.key"],
    "8:15 output.tls.key_file: the key in DIR/other.key is not that of the certificate in DIR/client.pem",
  ],
  [
    ["cert_file: client.pem", "key_file: encrypted.key"],
    "8:15 output.tls.key_file: the key in DIR/encrypted.key is encrypted; set key_passphrase",
  ],
  [
    ["cert_file: client.pem", "key_file: encrypted.key", "key_passphrase: xyzzy"],
    "8:15 output.tls.key_file: the key in DIR/encrypted.key is encrypted; key_passphrase does not open it",
  ],
])("network - %j is complained about at its place", async (tls, complaint) => {
  const complaints = await complaintsAbout(tls);
  expect(complaints).toEqual([expect.stringContaining(complaint)]);
  expect(complaints.join()).not.toContain("xyzzy");
});

test.skipIf(process.getuid?.() === 0)("network - a file that may not be read is", async () => {
  expect(await complaintsAbout(["ca_file: unreadable.pem"])).toEqual([
    expect.stringContaining("cannot be read by this user"),
  ]);
});

test("network - all mistakes are told at once", async () => {
  const tls = ["ca_file: none.pem", "cert_file: empty.pem", "key_file: empty.pem"];
  expect(await complaintsAbout(tls)).toHaveLength(3);
});

test("network - a proxy of the environment that is none is complained about, without repeating it", async () => {
  const environment = { HTTPS_PROXY: "socks5://joe:s3cr3t@proxy:1080" };
  const complaints = await complaintsAbout([], { environment });
  expect(complaints).toEqual([
    expect.stringMatching(
      /^4:8 output\.url: the environment variable HTTPS_PROXY holds no usable proxy: .*proxy: none/,
    ),
  ]);
  expect(complaints.join()).not.toContain("s3cr3t");
  expect(await complaintsAbout([], { environment, url: "http://splunk:8088" })).toEqual([]);
});

test("network - what is wrong keeps an agent from starting", async () => {
  const file = writeConfiguration(
    "inputs: { a: { paths: [/a] } }\noutput: { url: 'https://s', token: abc, tls: { ca_file: /none } }",
  );
  const config = await loadConfig(file, {});
  expect(() => refuseBrokenNetwork(config)).toThrow(
    expect.objectContaining({ code: "config_invalid" }),
  );
});
