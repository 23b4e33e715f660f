/** What the proof does not go together with, each with its place. */
import { expect, test } from "vitest";
import { complaintsAbout } from "../../support/configuration.ts";

function configuration(input: string, more = "", mode = "event"): string {
  return `inputs:
  audit: { paths: [/a], ${input} }
output: { url: "https://splunk:8088", token: abc, mode: ${mode} }
${more}`;
}

const on = "proof: { enabled: true }\n";

test("proof mistakes - are fields of tallyman's own, wherever they are set", async () => {
  const input = `metadata: { fields: { tally_lane: x, site: b }, fields_from_path: '(?<tally_i>x)' }, chain: [{ metadata: { fields: { tally_sig: a } } }]`;
  const chain = `chain: [{ metadata: { fields: { tally_block: "1" } } }]\n`;
  expect(await complaintsAbout(configuration(input, on + chain))).toEqual([
    expect.stringMatching(
      /^2:\d+ .*: tally_lane is a field of tallyman's own while proof is enabled/,
    ),
    expect.stringMatching(/^2:\d+ .*: tally_i is a field/),
    expect.stringMatching(/^2:\d+ .*: tally_sig is a field/),
    expect.stringMatching(/^5:\d+ .*: tally_block is a field/),
  ]);
  expect(await complaintsAbout(configuration(input, chain))).toEqual([]);
});

test("proof mistakes - is a default output that cannot carry the signature of seals", async () => {
  const [complaint] = await complaintsAbout(configuration("encoding: utf-8", on, "raw"));
  expect(complaint).toMatch(/^3:\d+ output\.mode: proof needs event mode here/);
});

test("proof mistakes - is an interval that is no time between seals", async () => {
  for (const interval of ["10ms", "2h"]) {
    const [complaint] = await complaintsAbout(
      configuration("encoding: utf-8", `proof: { interval: ${interval} }\n`),
    );
    expect(complaint).toContain("expected 1s to 1h");
  }
});
