/** `redact` and keys with dots: what is known of a secret's name says nothing of what is below it. */
import { expect, test } from "vitest";
import { builtInPacks } from "../../../../src/detectors/packs/load-pack.ts";
import { makeChain, runChain } from "../../../support/events/chains.ts";

const annotations =
  '{"annotations":{"authorization.k8s.io/decision":"allow","authorization.k8s.io/reason":"RBAC"},"request.token":"s3cr3t-token"}';

test.each([{ detect: ["credentials"] }, { pack: builtInPacks() }])(
  "redact - %j masks a key with dots by its last part, and none by its first",
  async (options) => {
    const chain = await makeChain([{ redact: options }]);
    const masked = annotations.replace("s3cr3t-token", "[REDACTED]");
    expect(runChain(chain, annotations).text).toBe(masked);
  },
);

test("redact - a user's own keys match by any part", async () => {
  const chain = await makeChain([{ redact: { keys: ["authorization"] } }]);
  expect(runChain(chain, '{"authorization.scheme":"x"}').text).toBe(
    '{"authorization.scheme":"[REDACTED]"}',
  );
});
