/** The options of a receiver: what is understood, what is refused and why, and that tokens stay hidden. */
import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import {
  formatListenAddress,
  parseListenAddress,
} from "../../../../src/platform/sockets/listen-address.ts";
import { hecInputShape } from "../../../../src/inputs/hec/options.ts";

const schema = z.strictObject(hecInputShape());
const least = { type: "hec", listen: ":8088", tokens: ["t"] };

function complaintOf(options: object): string | undefined {
  const result = schema.safeParse({ ...least, ...options });
  return result.error?.issues[0]?.message;
}

describe("options", () => {
  test("hec - the defaults", () => {
    expect(schema.parse(least)).toMatchObject({
      listen: { kind: "tcp", host: undefined, port: 8088 },
      ack: false,
      bad_content: "quarantine",
      max_event_bytes: 1024 ** 2,
      max_body: 16 * 1024 ** 2,
      max_connections: 1024,
      request_timeout: 60_000,
      idle_timeout: 600_000,
    });
  });

  test.each([
    ["127.0.0.1:8088", { kind: "tcp", host: "127.0.0.1", port: 8088 }],
    ["audit.example.com:1", { kind: "tcp", host: "audit.example.com", port: 1 }],
    [":8088", { kind: "tcp", host: undefined, port: 8088 }],
    ["[::1]:8088", { kind: "tcp", host: "::1", port: 8088 }],
    ["[fe80::1%eth0]:8088", { kind: "tcp", host: "fe80::1%eth0", port: 8088 }],
    ["unix:/run/tallyman/hec.sock", { kind: "unix", path: "/run/tallyman/hec.sock" }],
  ] as const)("hec - listen takes %s", (text, address) => {
    expect(parseListenAddress(text)).toEqual(address);
    expect(formatListenAddress(address)).toBe(text);
  });

  test.each([
    "8088",
    "localhost",
    "127.0.0.1:",
    "::1:8088",
    "http://127.0.0.1:8088",
    "127.0.0.1:65536",
    "unix:relative",
    `unix:/${"x".repeat(107)}`,
    "",
  ])("hec - listen refuses %j", (listen) => {
    expect(complaintOf({ listen })).toContain("expected");
  });

  test.each([
    ["Splunk abc", "remove the first word"],
    ["bearer abc", "remove the first word"],
    ["abc\n", "without spaces or line ends"],
    ["", "without spaces or line ends"],
    ["tökén", "without spaces or line ends"],
  ])("hec - the token %j is refused", (token, why) => {
    expect(complaintOf({ tokens: [token] })).toContain(why);
  });

  test("hec - it wants a token, and modes in octal digits", () => {
    expect(complaintOf({ tokens: [] })).toBeDefined();
    expect(complaintOf({ mode: "0660" })).toBe(undefined);
    expect(complaintOf({ mode: "rw" })).toContain("octal");
    expect(schema.parse({ ...least, mode: "640" }).mode).toBe(0o640);
  });

  test("hec - tokens print as stars", () => {
    const options = schema.parse({ ...least, tokens: ["a-secret-token"] });
    expect(inspect(options) + JSON.stringify(options) + String(options.tokens)).not.toContain(
      "a-secret-token",
    );
  });
});
