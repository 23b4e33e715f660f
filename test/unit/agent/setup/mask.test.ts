/** What is hidden in text that is kept: every secret of the configuration, whichever part of it that is for. */
import { expect, test } from "vitest";
import { maskWith } from "../../../../src/agent/setup/mask.ts";
import type { Setup } from "../../../../src/agent/setup/setup.ts";
import { Secret } from "../../../../src/platform/secret.ts";

const settings = {
  inputs: {
    a: { type: "hec", tokens: [new Secret("input-token-one"), new Secret("input-token-two")] },
  },
  output: {
    type: "splunk_hec",
    token: new Secret("output-token"),
    proxy: new Secret("proxy-pass"),
  },
  chain: [{ sign: { hmac_key: "inserted-key", label: "inserted-label", key: "literal-key" } }],
};

/** The part of a setup that the mask reads. Settings that were put in are those that say so. */
const setup = {
  inputs: [{ chain: { maskText: (text: string) => text.replaceAll("redacted", "[R]") } }],
  config: Object.defineProperties(settings, {
    isInsertedSecret: {
      value: (path: readonly (string | number)[]) => path.at(-1) === "hmac_key",
    },
  }),
} as unknown as Setup;

test.each(["input-token-one", "INPUT-TOKEN-TWO", "output-token", "proxy-pass", "inserted-key"])(
  "mask - %s is hidden",
  (secret) => {
    expect(maskWith(setup, `"${secret}" was redacted`)).toBe('"***" was [R]');
  },
);

test("mask - what is no secret stays", () => {
  const text = "splunk_hec inserted-label literal-key";
  expect(maskWith(setup, text)).toBe(text);
});
