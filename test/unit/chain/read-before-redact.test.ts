/** Values that `metadata` takes out of an event before a later step masks them there. */
import { expect, test } from "vitest";
import { makeChain } from "../../support/events/chains.ts";

const metadata = (options: object) => ({ metadata: options });
const redact = (options: object) => ({ redact: options });

async function warningsOf(steps: object[]): Promise<string[]> {
  const { warnings } = await makeChain(steps);
  return warnings.map(({ path, message }) => `${path.join(".")}: ${message}`);
}

const early = (at: string, path: string, step = "redact"): string =>
  `${at}: this takes ${path} before the step ${step} masks it, so that it is sent as it is; put this step behind it`;

const source = metadata({ source: "from {a.token}" });

test.each<[string, object[], string[]]>([
  [
    "a template of the path",
    [source, redact({ fields: ["a.token"] })],
    [early("chain.0.metadata.source", "a.token")],
  ],
  [
    "a list with what it may give, and a step of its own name",
    [
      metadata({ index: { value: "{a.token}", allow: ["x*"] } }),
      { ...redact({ fields: ["a.token"] }), name: "mask" },
    ],
    [early("chain.0.metadata.index.value", "a.token", "mask")],
  ],
  [
    "what is around the value",
    [source, redact({ fields: ["a"] })],
    [early("chain.0.metadata.source", "a.token")],
  ],
  [
    "keys, and any depth",
    [source, redact({ keys: ["*tok*"] })],
    [early("chain.0.metadata.source", "a.token")],
  ],
  [
    "a pack",
    [metadata({ host: "{requestHeader.Cookie}" }), redact({ pack: ["http_headers"] })],
    [early("chain.0.metadata.host", "requestHeader.Cookie")],
  ],
  [
    "a detector that knows the key",
    [
      metadata({ fields: { who: "{x.aws_secret_access_key}" } }),
      redact({ detect: ["credentials"] }),
    ],
    [early("chain.0.metadata.fields.who", "x.aws_secret_access_key")],
  ],
  [
    "behind another redact step that does not mask it",
    [redact({ fields: ["b"] }), source, redact({ fields: ["b"] }), redact({ fields: ["a.token"] })],
    [early("chain.1.metadata.source", "a.token", "redact_3")],
  ],
  ["a step behind it", [redact({ fields: ["a.token"] }), source], []],
  ["another path", [source, redact({ fields: ["a.tokens", "b.token"] })], []],
  [
    "an indexed field that is masked by its own name",
    [metadata({ fields: { token: "{a.token}" } }), redact({ fields: ["**.token"] })],
    [],
  ],
  ["a constant", [metadata({ source: "a.token" }), redact({ fields: ["a.token"] })], []],
  [
    "a step that does not copy",
    [{ remove: { fields: ["a.token"] } }, redact({ fields: ["a.token"] })],
    [],
  ],
])("read before redact - %s", async (_, steps, expected) => {
  expect(await warningsOf(steps)).toEqual(expected);
});
