/**
 * What was redacted once is left as it is by the same step, as where a chain has it twice or an aggregator redacts again: for all
 * detectors and packs, in text, in JSON and in JSON in strings. Hashes are not among it: one could be forged if it were left alone.
 */
import { describe, expect } from "vitest";
import { makeChain, runChain } from "../../support/events/chains.ts";
import { sampled } from "../../support/effort.ts";
import { RandomSource } from "../../support/random/random-source.ts";
import { plantedSecrets } from "../../support/secrets/planted.ts";
import { secret_formats } from "../../support/secrets/secret-formats.ts";
import { seed } from "../../support/seed.ts";

const pack = ["s3_audit", "http_headers", "kubernetes", "vault", "auditd", "web_access"];
const every = { pack, detect: ["credentials", "personal"], on_unreadable: "text" };
const steps = {
  mask: every,
  "another text": { ...every, with: "(gone)" },
  partial: { ...every, action: "partial" },
  truncate: { ...every, action: "truncate", length: 2 },
  "other encodings": { ...every, within: ["url", "base64", "hex"] },
  "one name": { fields: ["password"], on_unreadable: "text" },
};

const names = ["password", "the token", "db_password", '"password"', "secret", "Authorization"];
const separators = [
  " ",
  ": ",
  "=",
  " = ",
  ': "',
  "\t",
  " is ",
  " -> ",
  ", ",
  ": {",
  ": [",
  "=>",
  " [",
];
const ends = ["", " and more", "\nmore", '"', ", other=1", "; b", "]", "}", "&x=1", " password x"];

interface Made {
  readonly text: string;
  /** Whether it is certain where its value ends: not with a quote that closes what none has opened, nor behind a comma. */
  readonly is_certain: boolean;
}

function assignment(random: RandomSource): Made {
  const value = random.one(["hunter2", "S3CR3T/PW+", "a b", "[REDACTED]", "x"]);
  const [separator, end] = [random.one(separators), random.one(ends)];
  const is_closed = end !== '"' || separator === ': "';
  return {
    text: random.one(names) + separator + value + end,
    is_certain: is_closed && separator !== ", ",
  };
}

/** The text as an event of its own, and in events of JSON. */
function eventsOf(text: string): string[] {
  return [
    text,
    JSON.stringify({ msg: text }),
    JSON.stringify({ [text]: 1 }),
    JSON.stringify({ log: JSON.stringify({ m: text }) }),
    JSON.stringify({ password: text, list: [["Authorization", text]], b: [text, { token: text }] }),
    JSON.stringify({
      headers: [{ name: "Cookie", value: text }],
      url: `/?x=${encodeURIComponent(text)}`,
    }),
  ];
}

describe.each(Object.entries(steps))("redact twice, %s", (name, step) => {
  sampled(
    `redact twice - nothing is left to change, ${name}`,
    { sample: 40, all: 1500 },
    async (count) => {
      const chain = await makeChain([{ redact: step }]);
      const random = new RandomSource(seed);
      const known = [
        ...plantedSecrets(random).flatMap(({ text }) => [text, `failed: ${text}, sorry`]),
        ...secret_formats.flatMap(([, texts]) => texts),
      ];
      const chosen: Made[] = Array.from({ length: name === "one name" ? 0 : count }, () => {
        return { text: random.one(known), is_certain: true };
      });
      // In percent-encoding, what is behind a mark may look like JSON that is broken, and is masked as text then.
      const made =
        name === "other encodings" ? [] : Array.from({ length: count }, () => assignment(random));
      for (const { text, is_certain } of [...chosen, ...made]) {
        for (const event of eventsOf(text)) {
          const once = runChain(chain, event).text;
          const twice = runChain(chain, once).text;
          // Else a second time may mask some more, and that is all.
          if (is_certain) expect(twice, event).toBe(once);
          else expect(runChain(chain, twice).text, event).toBe(twice);
        }
      }
    },
  );
});
