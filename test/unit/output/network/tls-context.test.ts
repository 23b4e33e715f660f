/** What TLS connections are made with where its files cannot be looked at. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { networkOptions } from "../../../../src/output/network/network-options.ts";
import { TlsContext } from "../../../../src/output/network/tls-context.ts";
import { silentLogger } from "../../../../src/platform/log.ts";
import { encryptedKey, issueAll } from "../../../support/servers/certificates.ts";
import { ManualClock } from "../../../support/clocks/manual-clock.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";

test("tls context - a look that hangs is the only one, and the former files stay in use", async () => {
  const directory = temporaryDirectory();
  const file = (name: string, text: string): string => {
    writeFileSync(join(directory, name), text);
    return join(directory, name);
  };
  const { client } = issueAll();
  const { tls } = networkOptions.parse({
    tls: {
      cert_file: file("cert.pem", client.certificate),
      key_file: file("key.pem", encryptedKey(client, "open")),
      key_passphrase: "open",
    },
  });
  const clock = new ManualClock();
  const context = new TlsContext(tls, clock, silentLogger, {});
  const former = await context.current();
  let looks = 0;
  tls.key_passphrase!.refresh = () => {
    looks += 1;
    return new Promise(() => undefined);
  };
  const later = Array.from({ length: 100 }, () => context.current());
  clock.pass(1000);
  for (const each of await Promise.all(later)) expect(each).toBe(former);
  expect(looks).toBe(1);
});

test("tls context - a look that fails is not the last one", async () => {
  const { tls } = networkOptions.parse({ tls: { ca_file: "/nothing/here.pem" } });
  const context = new TlsContext(tls, new ManualClock(), silentLogger, {});
  await expect(context.current()).rejects.toThrow("does not exist");
  await expect(context.current()).rejects.toThrow("does not exist");
});
