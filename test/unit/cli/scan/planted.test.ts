/**
 * `tallyman scan` names each field with a planted secret, in all formats and places, and the configuration that it writes lets
 * nothing of it out.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, vi } from "vitest";
import type { LogFindings } from "../../../../src/cli/scan/findings.ts";
import { startingConfig } from "../../../../src/cli/scan/starter.ts";
import { surveyLogs } from "../../../../src/cli/scan/survey-logs.ts";
import { loadConfig } from "../../../../src/config/load.ts";
import { systemClock } from "../../../../src/platform/clock.ts";
import { readingOptionsOf } from "../../../../src/preview/reading/log-reading.ts";
import { readLog } from "../../../../src/preview/reading/read-log.ts";
import { Preview } from "../../../../src/preview/run/preview.ts";
import { sampled } from "../../../support/effort.ts";
import { RandomSource } from "../../../support/random/random-source.ts";
import { plantedSecrets } from "../../../support/secrets/planted.ts";
import { type Format, formats } from "../../../support/secrets/matrix/formats.ts";
import { places } from "../../../support/secrets/matrix/places.ts";
import { type Sought, Traces } from "../../../support/secrets/matrix/traces.ts";
import { seed } from "../../../support/seed.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";

/** Records of one format, each with a secret in the same place. */
interface Case {
  readonly format: Format;
  readonly place: string;
  readonly records: readonly string[];
  readonly sought: readonly Sought[];
}

function casesOf(every: number): Case[] {
  const random = new RandomSource(seed);
  let count = 0;
  return formats.flatMap((format) => {
    const all = places.map((place) => ({
      name: place.name,
      write: (text: string) => format.record(place, text, random),
    }));
    all.push({ name: "text line", write: (text) => format.line(text) });
    return all.flatMap(({ name, write }) => {
      const planted = plantedSecrets(random).filter(() => {
        count += 1;
        return count % every === 0;
      });
      const records = planted.map(({ text }) => write(text));
      const sought = planted.map(({ detector, secret }) => {
        return { secret, about: `${detector}, ${format.name}, ${name}` };
      });
      return records.length === 0 ? [] : [{ format, place: name, records, sought }];
    });
  });
}

sampled(
  ({ every }) => `scan - names one of ${every} planted secrets, and its configuration masks them`,
  { sample: { every: 499 }, all: { every: 1 } },
  async ({ every }) => {
    vi.stubEnv("SPLUNK_HEC_TOKEN", "0");
    const directory = temporaryDirectory();
    const unnamed: string[] = [];
    const leaks: string[] = [];
    for (const { format, place, records, sought } of casesOf(every)) {
      const log = join(directory, "audit.log");
      writeFileSync(log, format.file(records));
      const findings = await surveyLogs([log], systemClock);
      if (valuesIn(findings) < records.length) {
        for (const [number, record] of records.entries()) {
          writeFileSync(log, format.file([record]));
          const alone = valuesIn(await surveyLogs([log], systemClock));
          if (alone === 0) unnamed.push(sought[number]!.about);
        }
        writeFileSync(log, format.file(records));
      }
      const sent = await sentWith(startingConfig(findings), log);
      const found = new Traces(sought).in([...sent, ""]);
      for (const [about, around] of found) leaks.push(`${about}: ${around}`);
      expect(sent.length, `${format.name}, ${place}`).toBeGreaterThan(0);
    }
    vi.unstubAllEnvs();
    expect.soft(unnamed, "not named").toEqual([]);
    expect.soft(leaks, "shipped").toEqual([]);
  },
);

/** How many secrets it names. */
function valuesIn({ secrets, text_secrets }: LogFindings): number {
  const all = [...secrets.flatMap(({ found_by }) => found_by), ...text_secrets];
  return all.reduce((sum, { values }) => sum + values, 0);
}

/** What would be sent of the log with this configuration: texts and metadata. */
async function sentWith(lines: readonly string[], log: string): Promise<string[]> {
  const file = join(temporaryDirectory(), "config.yaml");
  writeFileSync(file, lines.join("\n"));
  const preview = await Preview.open(await loadConfig(file));
  const run = preview.runOf("audit");
  const sent: string[] = [];
  await readLog(log, {
    ...readingOptionsOf(preview.config.inputs["audit"]!),
    origin: run.originOf("audit.log"),
    clock: systemClock,
    take: (records) => {
      for (let number = 0; number < records.count; number += 1) {
        for (const outcome of run.run(records, number, false)) {
          const { text, metadata } = outcome.after();
          sent.push(outcome.fate === "kept" ? text + JSON.stringify(metadata) : "");
        }
      }
      return Promise.resolve(true);
    },
  });
  await preview.close();
  return sent;
}
