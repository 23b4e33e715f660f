/** The output's options: defaults, bounds, and what is refused. */
import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { splunkHecOptions } from "../../../../src/output/splunk-hec/options.ts";

const least = { url: "https://splunk.example.com:8088", token: "a-token" };

function complaints(options: object): string {
  const { error } = splunkHecOptions.safeParse({ ...least, ...options });
  return error?.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("\n") ?? "";
}

test("options - url and token are enough", () => {
  const options = splunkHecOptions.parse(least);
  expect(options).toMatchObject({
    type: "splunk_hec",
    url: "https://splunk.example.com:8088",
    mode: "event",
    compression: "none",
    batch: { max_bytes: 1024 * 1024, max_wait: 200 },
    max_in_flight: 4,
    timeout: 10_000,
  });
  expect(options.token.reveal()).toBe("a-token");
});

test("options - the token never prints", () => {
  const options = splunkHecOptions.parse(least);
  expect(inspect(options) + JSON.stringify(options) + String(options.token)).not.toContain(
    "a-token",
  );
});

describe("url", () => {
  test.each([
    ["http://127.0.0.1:8088", "http://127.0.0.1:8088"],
    ["https://splunk/", "https://splunk"],
    ["https://splunk/gateway/", "https://splunk/gateway"],
    ["https://splunk:8088/services/collector", "https://splunk:8088"],
    ["https://splunk:8088/services/collector/event", "https://splunk:8088"],
    ["https://splunk:8088/gateway/services/collector/raw/1.0", "https://splunk:8088/gateway"],
    ["https://[::1]:8088", "https://[::1]:8088"],
  ])("options - %s is taken as %s", (url, taken) => {
    expect(splunkHecOptions.parse({ ...least, url }).url).toBe(taken);
  });

  test.each([
    ["splunk.example.com:8088", "expected http:// or https://"],
    ["", "expected a URL"],
    ["ftp://splunk", "expected http:// or https://"],
    ["https://splunk?token=secret-1", "must not have a query"],
    ["https://splunk/?", "must not have a query"],
    ["https://splunk/#x", "must not have a fragment"],
    ["https://x:secret-1@splunk", "put the token into `token`"],
  ])("options - %s is refused, without repeating it", (url, complaint) => {
    expect(complaints({ url })).toContain(complaint);
    expect(complaints({ url })).not.toContain("secret-1");
  });
});

test.each(["abcd-1\n", " abcd-2", "abcd-3 "])(
  "options - a token with what was copied along is refused, without repeating it: %j",
  (token) => {
    const said = complaints({ token });
    expect(said).toMatch(/^token: remove the space or line end around the token/);
    expect(said).not.toContain(token.trim());
  },
);

test.each(["", "two words", "über", "x".repeat(513)])(
  "options - the token %j is refused, without repeating it",
  (token) => {
    expect(complaints({ token })).toMatch(/^token: expected a token of printable ASCII/);
  },
);

test.each([
  [{ max_in_flight: 0 }, "max_in_flight"],
  [{ max_in_flight: 65 }, "max_in_flight"],
  [{ max_in_flight: 1.5 }, "max_in_flight"],
  [{ batch: { max_bytes: "6MiB" } }, "batch.max_bytes: expected a size from 4KiB to 5MiB"],
  [{ batch: { max_bytes: "1KiB" } }, "batch.max_bytes"],
  [{ batch: { max_bytes: 100_000 } }, "batch.max_bytes"],
  [{ batch: { max_wait: "2m" } }, "batch.max_wait: expected at most 60s"],
  [{ batch: { max_size: "1MiB" } }, "batch: "],
  [{ timeout: "10ms" }, "timeout: expected a duration from 100ms to 1h"],
  [{ mode: "metrics" }, "mode"],
  [{ compression: "zstd" }, "compression"],
  [{ ack: "yes" }, "ack"],
  [{ ack_timeout: "1s" }, "expected a duration from 10s to 1h"],
  [{ endpoints: ["https://b"] }, "give one of `url` and `endpoints`, not both"],
  [{ url: undefined }, "url: is missing"],
  [{ url: undefined, endpoints: [] }, "endpoints"],
  [{ url: undefined, endpoints: ["https://b", "https://b/"] }, "the same URL is given twice"],
  [{ url: undefined, endpoints: ["b"] }, "expected a URL"],
])("options - %j is refused", (options, complaint) => {
  expect(complaints(options)).toContain(complaint);
});

test("options - each says what it is for", () => {
  for (const [name, option] of Object.entries(splunkHecOptions.shape)) {
    expect(option.description, name).toMatch(/\.$/);
  }
});
