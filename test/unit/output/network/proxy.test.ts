/** Which proxy is used for which server: options, environment, exceptions. */
import { describe, expect, test } from "vitest";
import { chooseProxy, parseProxy, proxyMistake } from "../../../../src/output/network/proxy.ts";
import { Secret } from "../../../../src/platform/secret.ts";

const https = "https://splunk.example.com:8088";
const http = "http://splunk.example.com:8088";

function chosen(
  url: string,
  environment: Record<string, string>,
  options: { proxy?: string; no_proxy?: string[] } = {},
): string | undefined {
  const { proxy, no_proxy } = options;
  const network = {
    proxy: proxy === undefined || proxy === "none" ? (proxy as "none") : new Secret(proxy),
    no_proxy,
  };
  const choice = chooseProxy(url, network, environment);
  return choice && `${choice.origin} ${choice.address.reveal()}`;
}

describe("the environment", () => {
  test.each([
    [https, { HTTPS_PROXY: "http://a:1" }, "HTTPS_PROXY http://a:1"],
    [https, { https_proxy: "http://b:1", HTTPS_PROXY: "http://a:1" }, "https_proxy http://b:1"],
    [https, { https_proxy: "", HTTPS_PROXY: "http://a:1" }, "HTTPS_PROXY http://a:1"],
    [https, { HTTP_PROXY: "http://a:1", http_proxy: "http://b:1" }, undefined],
    [http, { http_proxy: "http://b:1" }, "http_proxy http://b:1"],
    // A CGI program gets it from a request's header "Proxy".
    [http, { HTTP_PROXY: "http://a:1", HTTPS_PROXY: "http://a:1" }, undefined],
    [https, {}, undefined],
    [https, { HTTPS_PROXY: "" }, undefined],
    ["https://localhost:8088", { HTTPS_PROXY: "http://a:1" }, undefined],
    ["https://127.0.0.1:8088", { HTTPS_PROXY: "http://a:1" }, undefined],
    ["https://[::1]:8088", { HTTPS_PROXY: "http://a:1" }, undefined],
  ])("proxy - for %s, %j means %s", (url, environment, expected) => {
    expect(chosen(url, environment as Record<string, string>)).toBe(expected);
  });

  test("proxy - the option goes before the environment, for this machine too, and `none` is none", () => {
    const environment = { HTTPS_PROXY: "http://a:1" };
    const set = "output.proxy http://own:1";
    expect(chosen(https, environment, { proxy: "http://own:1" })).toBe(set);
    expect(chosen("https://localhost:1", environment, { proxy: "http://own:1" })).toBe(set);
    expect(chosen(https, environment, { proxy: "none" })).toBeUndefined();
  });

  test("proxy - no_proxy goes before NO_PROXY, which holds for the option, too", () => {
    const environment = { HTTPS_PROXY: "http://a:1", NO_PROXY: "example.com" };
    expect(chosen(https, environment)).toBeUndefined();
    expect(chosen(https, environment, { proxy: "http://own:1" })).toBeUndefined();
    expect(chosen(https, environment, { no_proxy: [] })).toBe("HTTPS_PROXY http://a:1");
    expect(chosen(https, environment, { no_proxy: ["other.com"] })).toBe("HTTPS_PROXY http://a:1");
    const both = { ...environment, no_proxy: "other.com" };
    expect(chosen(https, both)).toBe("HTTPS_PROXY http://a:1");
  });
});

describe("exceptions", () => {
  test.each([
    ["splunk.example.com", https],
    ["SPLUNK.Example.com", https],
    ["splunk.example.com.", https],
    ["splunk.example.com", "https://splunk.example.com.:8088"],
    ["example.com", https],
    [".example.com", https],
    ["*.example.com", https],
    [".example.com", "https://example.com"],
    ["com", https],
    ["splunk.example.com:8088", https],
    ["example.com:443", "https://splunk.example.com"],
    ["*", https],
    ["a.com, splunk.example.com", https],
    ["a.com splunk.example.com", https],
    ["192.0.2.7", "https://192.0.2.7:8088"],
    ["192.0.2.0/24", "https://192.0.2.7:8088"],
    ["192.0.2.7:8088", "https://192.0.2.7:8088"],
    ["2001:db8::1", "https://[2001:db8::1]:8088"],
    ["[2001:db8:0::1]", "https://[2001:db8::1]:8088"],
    ["[2001:db8::1]:8088", "https://[2001:db8::1]:8088"],
    ["2001:db8::/32", "https://[2001:db8::1]:8088"],
  ])("proxy - NO_PROXY=%s holds for %s", (pattern, url) => {
    const environment = { HTTPS_PROXY: "http://a:1", NO_PROXY: pattern };
    expect(chosen(url, environment)).toBeUndefined();
  });

  test.each([
    ["splunk", https],
    ["xample.com", https],
    ["notexample.com", "https://example.com"],
    ["splunk.example.com:8089", https],
    ["other.example.com", https],
    ["*lunk.example.com", https],
    [".", https],
    [",", https],
    ["192.0.2.0/24", "https://192.0.3.7:8088"],
    ["192.0.2.7", "https://192.0.2.77:8088"],
    ["2.7", "https://192.0.2.7:8088"],
    ["0.0.0.0/33", "https://192.0.2.7:8088"],
    ["192.0.2.0/24", https],
    ["2001:db8::/32", "https://192.0.2.7:8088"],
  ])("proxy - NO_PROXY=%s does not hold for %s", (pattern, url) => {
    const environment = { HTTPS_PROXY: "http://a:1", NO_PROXY: pattern };
    expect(chosen(url, environment)).toBe("HTTPS_PROXY http://a:1");
  });
});

describe("addresses", () => {
  test.each([
    ["http://p.example.com:3128", "http://p.example.com:3128", undefined],
    ["p.example.com:3128", "http://p.example.com:3128", undefined],
    ["http://p/", "http://p:80", undefined],
    ["https://p", "https://p:443", undefined],
    ["http://[::1]:3128", "http://[::1]:3128", undefined],
    ["http://joe:s3cr3t@p:1", "http://p:1", "joe:s3cr3t"],
    ["joe:s3cr3t@p:1", "http://p:1", "joe:s3cr3t"],
    ["http://joe:a%40b%2F%25@p:1", "http://p:1", "joe:a@b/%"],
    ["http://joe@p:1", "http://p:1", "joe:"],
  ])("proxy - %s is understood, and shown without its password", (text, shown, credentials) => {
    const proxy = parseProxy(text);
    expect(proxyMistake(text)).toBeUndefined();
    expect(proxy.shown).toBe(shown);
    const header = credentials && `Basic ${Buffer.from(credentials).toString("base64")}`;
    expect(proxy.authorization).toBe(header);
  });

  test.each([
    "",
    "http://",
    "socks5://p:1080",
    "ftp://p",
    "http://p:99999",
    "http://p:1/path",
    "http://p:1?x=s3cr3t",
    "http://joe:12/s3cr3t@p:1",
    "http://joe:x#s3cr3t@p:1",
    "http://joe:%s3cr3t@p:1",
    "not a URL s3cr3t",
  ])("proxy - %j is refused, without repeating it", (text) => {
    expect(proxyMistake(text)).toMatch(/expected|written as/);
    expect(proxyMistake(text)).not.toContain("s3cr3t");
    expect(() => parseProxy(text)).toThrow(proxyMistake(text));
  });
});
