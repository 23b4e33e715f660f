/** How NATS is reached, as users write it. */
import { describe, expect, test } from "vitest";
import { natsOutputOptions } from "../../../../src/output/nats/options.ts";

const servers = ["nats://n1:4222"];
const tls = ["tls://n1:4222"];

function complaintsOf(options: object): string[] {
  const result = natsOutputOptions().safeParse({ type: "nats", ...options });
  return result.success
    ? []
    : result.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
}

describe("nats options", () => {
  test.each([
    { servers },
    { servers: tls, tls: { verify: false } },
    { servers, user: "a", password: "b" },
    { servers, nkey: "SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY" },
  ])("%j is fine", (options) => {
    expect(complaintsOf(options)).toEqual([]);
  });

  test.each([
    [{}, "servers: "],
    [{ servers: [] }, "servers: "],
    [{ servers: ["http://n1:4222"] }, "servers.0: expected nats:// or tls://"],
    [{ servers: ["nats://me:secret@n1"] }, "servers.0: put the name into `user`"],
    [{ servers: [...servers, ...tls] }, "servers: some are tls:// and others nats://"],
    [{ servers, tls: { ca_file: "/ca.pem" } }, "tls: has no effect on nats:// servers"],
    [{ servers, user: "a" }, "user: set `password`, too"],
    [{ servers, password: "a" }, "password: set `user`, too"],
    [
      { servers, user: "a", password: "b", nkey: "SUACSSL3UAHUDXKFSNVUZRF5UH" },
      "user: `nkey` is given, too",
    ],
    [{ servers, nkey: "UACSSL3UAHUDXKFSNVUZRF5UH" }, "nkey: expected the seed of an nkey"],
    [
      { servers, credentials: "/etc/x.creds" },
      "credentials: expected the content of a credentials file",
    ],
    [{ servers, agent: "web.1" }, "agent: expected a name"],
    [{ servers, prefix: "a.b" }, "prefix: expected a word"],
    [{ servers, receipt_timeout: "1s" }, "receipt_timeout: expected a duration from 10s to 24h"],
  ])("%j is refused", (options, complaint) => {
    expect(complaintsOf(options)).toEqual([expect.stringContaining(complaint)]);
  });

  test("secrets are hidden", () => {
    const options = natsOutputOptions().parse({
      type: "nats",
      servers,
      user: "a",
      password: "hunter2-hunter2",
    });
    expect(JSON.stringify(options)).not.toContain("hunter2");
  });
});
