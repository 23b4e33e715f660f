/** What TLS connections are made with: how often its files are looked at. */
import { expect, test } from "vitest";
import { networkOptions } from "../../../src/output/network-options.ts";
import { TlsContext } from "../../../src/output/tls-context.ts";
import { silentLogger } from "../../../src/platform/log.ts";

test("tls context - many connections look at the files once, so that a look that hangs is the only one", async () => {
  const { tls } = networkOptions.parse({});
  const context = new TlsContext(tls, silentLogger, {});
  const looks = Array.from({ length: 1000 }, () => context.current());
  expect(new Set(looks).size).toBe(1);
  await looks[0];
  expect(context.current()).not.toBe(looks[0]);
});

test("tls context - a look that fails is not the last one", async () => {
  const { tls } = networkOptions.parse({ tls: { ca_file: "/nothing/here.pem" } });
  const context = new TlsContext(tls, silentLogger, {});
  await expect(context.current()).rejects.toThrow("does not exist");
  await expect(context.current()).rejects.toThrow("does not exist");
});
