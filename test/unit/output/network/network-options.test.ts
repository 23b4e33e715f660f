/** The options of the way to Splunk: defaults, bounds, and what is refused. */
import { inspect } from "node:util";
import { expect, test } from "vitest";
import { networkOptions } from "../../../../src/output/network/network-options.ts";
import { splunkHecOptions } from "../../../../src/output/splunk-hec/options.ts";

const least = { url: "https://splunk.example.com:8088", token: "a-token" };

function complaints(options: object): string {
  const { error } = splunkHecOptions.safeParse({ ...least, ...options });
  return error?.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("\n") ?? "";
}

test("network options - certificates are verified unless somebody says otherwise", () => {
  expect(networkOptions.parse({})).toEqual({
    tls: { min_version: "1.2", verify: true },
    connect_timeout: 5000,
  });
});

test.each([
  [{ tls: { cert_file: "/a" } }, "tls.cert_file: a certificate needs its key"],
  [{ tls: { key_file: "/a" } }, "tls.key_file: a key needs its certificate"],
  [{ tls: { key_passphrase: "x" } }, "tls.key_passphrase: there is no key"],
  [
    { tls: { server_name: "192.0.2.1" } },
    "tls.server_name: expected the name of a host, not an address",
  ],
  [{ tls: { server_name: "https://splunk" } }, "tls.server_name: expected the name of a host"],
  [{ tls: { server_name: "a\r\nb" } }, "tls.server_name: expected the name of a host"],
  [{ tls: { min_version: "1.1" } }, "tls.min_version"],
  [{ tls: { verify: "no" } }, "tls.verify"],
  [{ tls: { insecure: true } }, "tls: "],
  [
    { url: "http://splunk", tls: { ca_file: "/a" } },
    "tls.ca_file: has no effect on an http:// URL",
  ],
  [{ url: "http://splunk", tls: { verify: false } }, "tls.verify: has no effect on an http:// URL"],
  [{ url: "http://splunk", tls: { server_name: "a" } }, "tls.server_name: has no effect"],
  [{ proxy: "socks5://p:1" }, "proxy: expected http:// or https://"],
  [{ proxy: "" }, "proxy: expected the URL of a proxy"],
  [{ proxy: "http://joe:pass\tword@p:1" }, "proxy: expected no tabs and line ends"],
  [{ no_proxy: "example.com" }, "no_proxy"],
  [{ no_proxy: [""] }, "no_proxy.0: expected one name, address or network"],
  [{ no_proxy: ["."] }, "no_proxy.0: expected one name, address or network"],
  [{ no_proxy: ["a.com", " b.com"] }, "no_proxy.1: expected one name, address or network"],
  [{ no_proxy: ["a.com,b.com"] }, "no_proxy.0: expected one name, address or network"],
  [{ no_proxy: ["https://a.com"] }, "no_proxy.0: expected one name, address or network"],
  [{ no_proxy: ["10.0.0.0/33"] }, "no_proxy.0: expected one name, address or network"],
  [{ connect_timeout: "1ms" }, "connect_timeout: expected a duration from 100ms to 1h"],
  [{ headers_timeout: "500ms" }, "headers_timeout: expected a duration from 1s to 1h"],
  [{ body_timeout: "2h" }, "body_timeout: expected a duration from 1s to 1h"],
])("network options - %j is refused", (options, complaint) => {
  expect(complaints(options)).toContain(complaint);
});

test("network options - an http:// URL needs no TLS options, and may have the defaults", () => {
  expect(complaints({ url: "http://splunk", tls: { verify: true } })).toBe("");
});

test("network options - whatever can be meant is taken for what needs no proxy", () => {
  const names = ["a.com", ".a.com", "*.a.com", "A.com.", "a.com:8088", "under_score", "*"];
  const addresses = ["192.0.2.7", "192.0.2.7:8088", "::1", "[::1]", "[::1]:8088"];
  const no_proxy = [...names, ...addresses, "10.0.0.0/8", "fd00::/8", "[fd00::]/8"];
  expect(complaints({ no_proxy })).toBe("");
});

test("network options - neither password nor passphrase prints", () => {
  const options = splunkHecOptions.parse({
    ...least,
    proxy: "http://joe:s3cr3t@proxy:3128",
    tls: { cert_file: "/a", key_file: "/b", key_passphrase: "s3cr3t-too" },
  });
  const shown = inspect(options, { depth: 9, showHidden: true }) + JSON.stringify(options);
  expect(shown).not.toContain("s3cr3t");
  expect(shown).not.toContain("joe");
});

test("network options - each says what it is for", () => {
  const { tls, ...others } = networkOptions.shape;
  const below = tls.unwrap().shape;
  for (const [name, option] of Object.entries({ tls, ...others, ...below })) {
    expect(option.description, name).toMatch(/\.$/);
  }
});
