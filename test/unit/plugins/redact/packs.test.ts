/** `redact` with packs: what their samples say, in the real chain; and a pack of one's own, with a mistake in it. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { checkPack } from "../../../../src/detectors/packs/check-pack.ts";
import { builtInPacks, loadPack } from "../../../../src/detectors/packs/load-pack.ts";
import { complaintsAbout, makeChain, runChain } from "../../../support/events/chains.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";

function ownPack(text: string): string {
  const file = join(temporaryDirectory(), "own.yaml");
  writeFileSync(file, text);
  return file;
}

const own = `name: own
version: 1
description: Ours.
fields: [User.Pin]
keys: ["*card*"]
patterns: [{ name: ticket, match: "TKT-[0-9]{4}" }]
name_value: true
samples:
  - { name: a pin, event: { user: { pin: 1 } }, expect: { user: { pin: "[REDACTED]" } } }
`;

describe("packs", () => {
  test.each(builtInPacks())("redact - the samples of %s come out as they say", async (name) => {
    const chain = await makeChain([{ redact: { pack: [name], on_unreadable: "text" } }]);
    expect(checkPack(await loadPack(name, "."), (line) => runChain(chain, line).text)).toEqual([]);
  });

  test("redact - a pack of one's own beside own rules", async () => {
    const chain = await makeChain([{ redact: { pack: [ownPack(own)], fields: ["x"], with: "-" } }]);
    const record =
      '{"user":{"pin":1,"card_no":2,"has_card":true},"x":3,"t":"TKT-1234","h":[{"name":"card","value":4}]}';
    expect(runChain(chain, record).text).toBe(
      '{"user":{"pin":"-","card_no":"-","has_card":true},"x":"-","t":"-","h":[{"name":"card","value":"-"}]}',
    );
  });

  test("redact - what a pack alone does not find is no problem", async () => {
    const chain = await makeChain([{ redact: { pack: ["s3_audit", ownPack(own)] } }]);
    for (let number = 0; number < 200; number += 1) runChain(chain, '{"a":1}');
    expect(chain.steps[0]!.unmatched).toEqual([]);
  });

  test("redact - refuses a pack that cannot be used, at its place", async () => {
    const mistaken = ownPack(own.replace("keys:", "kees:"));
    for (const [pack, message] of [
      ["s3_audits", /there is no pack "s3_audits"/],
      [mistaken, /own\.yaml:5:\d+: there is no option "kees" here/],
      ["/nowhere/own.yaml", /own\.yaml:1:1: the pack cannot be read: it does not exist/],
      ["/dev/zero", /zero:1:1: the pack cannot be read: it is not a regular file/],
    ] as const) {
      const [complaint] = await complaintsAbout([{ redact: { pack: [pack] } }]);
      expect(complaint?.message).toMatch(message);
      expect(complaint?.path).toEqual(["chain", 0, "redact", "pack", 0]);
    }
  });
});

const token = ["t0ken", "made", "up"].join("-");

test.each<[string, string]>([
  [
    `{"Authorization":[{"X-Vault-Token":"${token}"}, "x"]}`,
    `{"Authorization":[{"X-Vault-Token":"[REDACTED]"}, "[REDACTED]"]}`,
  ],
  [
    `{"Authorization":[[{"Cookie":"${token}"}],"x" ]}`,
    `{"Authorization":[[{"Cookie":"[REDACTED]"}],"[REDACTED]" ]}`,
  ],
  [
    `{"Authorization":["x", {"n":1.50,"e":1e400,"Cookie":["${token}"]}]}`,
    `{"Authorization":["[REDACTED]", {"n":1.50,"e":1e400,"Cookie":["[REDACTED]"]}]}`,
  ],
  [
    `{"Authorization":[ null,12345678901234567890 ,true,"${token}"]}`,
    `{"Authorization":[ null,"[REDACTED]" ,true,"[REDACTED]"]}`,
  ],
])(
  "redact packs - in a list under a known key each item goes by itself: %s",
  async (record, expected) => {
    for (const rules of [{ pack: ["http_headers"] }, { detect: ["credentials"] }]) {
      const chain = await makeChain([{ redact: rules }]);
      expect(runChain(chain, record).text).toBe(expected);
      const within = JSON.stringify({ log: record });
      expect(JSON.parse(runChain(chain, within).text)).toEqual({ log: expected });
    }
  },
);

test("redact packs - an item of a list under a known key is removed, and what is beside it stays", async () => {
  const chain = await makeChain([{ redact: { pack: ["http_headers"], action: "remove" } }]);
  const { text } = runChain(
    chain,
    `{"Cookie":["${token}", {"Authorization":"${token}","a":1.0}, "${token}"],"b":2}`,
  );
  expect(text).toBe('{"Cookie":[{"a":1.0}],"b":2}');
});

test.each([
  { pack: ["http_headers"] },
  { keys: ["auth*"] },
  { fields: ["h.Authorization"], pack: ["http_headers"] },
  { fields: ["h.Authorization"], keys: ["auth*"] },
])("pack - with `partial`, %j hides as much as its strictest rule", async (rules) => {
  const record = `{"h":{"Authorization":"Bearer ${token}"}}`;
  const shownBy = async (options: object): Promise<string> =>
    runChain(await makeChain([{ redact: { ...options, action: "partial" } }]), record).text;
  expect(await shownBy(rules)).toBe('{"h":{"Authorization":"[REDACTED]"}}');
  // Alone, the field shows the scheme.
  expect(await shownBy({ fields: ["h.Authorization"] })).toBe(
    '{"h":{"Authorization":"Bearer [REDACTED]"}}',
  );
});
