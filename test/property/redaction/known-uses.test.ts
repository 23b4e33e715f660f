/**
 * Goal: the fixed forms in which no value follows a name make no secret readable. Method: clean lines with a secret put behind a
 * name, in its place or at the end. What is masked where the name is spelled with an escape, which is in no form, is masked
 * where it is plain.
 */
import { expect } from "vitest";
import { builtInPacks } from "../../../src/detectors/packs/load-pack.ts";
import { makeChain, runChain } from "../../support/events/chains.ts";
import { sampled } from "../../support/effort.ts";
import { RandomSource } from "../../support/random/random-source.ts";
import { clean_formats } from "../../support/secrets/clean-events.ts";
import { seed } from "../../support/seed.ts";

const chain = await makeChain([{ redact: { pack: builtInPacks(), on_unreadable: "text" } }]);
/** With signs, since a word of letters alone could be the name of a column. */
const secret = "S3cr3t/Value+9==";
/** But the places of lists, which hold what looks like a value. */
const name = /(?<!page_|continuation-)(?:password|passwd|pwd|token|secret|signature)/gi;
const behind_names =
  ' §|: §|=§| = §| is §| is null §| \'§\'| "§"|, §|,§|;§|/§| to §| for §| (§)| -> §|" "§"|": "§"|\' \'§\'|: yes, §| from §|[§]'.split(
    "|",
  );

function isReadable(line: string): boolean {
  return runChain(chain, line).text.includes(secret);
}

/** The same with an escape for the second letter of the name that begins there. */
function escaped(line: string, index: number): string {
  const code = line
    .charCodeAt(index + 1)
    .toString(16)
    .padStart(4, "0");
  return `${line.slice(0, index + 1)}\\u${code}${line.slice(index + 2)}`;
}

/** The line with the secret somewhere behind the end of a name. */
function planted(random: RandomSource, line: string, end: number): string {
  const rest = line.slice(end);
  const put = random.one(behind_names).replace("§", secret);
  const words = [...rest.matchAll(/\S+/g)];
  return random.one([
    () => line.slice(0, end) + put + rest,
    () => line.slice(0, end) + put,
    () => line.slice(0, end) + rest.replace(/\S+/, secret),
    () => {
      if (words.length === 0) return line + put;
      const { index, 0: word } = random.one(words);
      return line.slice(0, end + index) + secret + rest.slice(index + word.length);
    },
    () => line + random.one([` ${secret}`, `,${secret}`, `, '${secret}'`, `\n\t'${secret}'`]),
  ])();
}

/** Where fields follow, each of them stands for itself, so that the secret is put right behind the name. */
function plantedAtName(random: RandomSource, line: string, end: number): string {
  const put = random.one(behind_names).replace("§", secret);
  return line.slice(0, end) + put + random.one([line.slice(end), ""]);
}

for (const [format, plant] of [
  ["databases", planted],
  ["syslog", plantedAtName],
  ["web", plantedAtName],
  ["auditd", plantedAtName],
  ["containers", plantedAtName],
] as const) {
  sampled(
    `known uses - no secret beside a name of ${format} becomes readable`,
    { sample: 60, all: 2000 },
    (count) => {
      const random = new RandomSource(seed);
      let hidden = 0;
      for (let done = 0; done < count;) {
        const line = clean_formats[format]!(random);
        const names = [...line.matchAll(name)];
        if (names.length === 0 || line.startsWith("{")) continue;
        done += 1;
        const { index, 0: word } = random.one(names);
        const text = plant(random, line, index + word.length);
        if (isReadable(escaped(text, index))) continue;
        hidden += 1;
        if (isReadable(text)) expect(runChain(chain, text).text, text).not.toContain(secret);
      }
      expect(hidden).toBeGreaterThan(count / 4);
    },
  );
}
