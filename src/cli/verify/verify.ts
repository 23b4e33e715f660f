/**
 * `tallyman verify`: proves from an export that nothing is missing, or names what is.
 */
import { resolve } from "node:path";
import { systemClock } from "../../platform/clock.ts";
import { messageOf, TallymanError } from "../../platform/errors.ts";
import { writeNewFile } from "../../platform/files/new-file.ts";
import { printable, printableJson } from "../../platform/text/printable.ts";
import { isFingerprint } from "../../proof/format/certificates.ts";
import { htmlReport } from "../../proof/report/html.ts";
import { textReport } from "../../proof/report/text.ts";
import { verdictSentence } from "../../proof/report/words.ts";
import { verifyExport, type Verified } from "../../proof/verify/verify.ts";
import { ending } from "../process/ending.ts";
import { NewSpace } from "../process/new-space.ts";
import { Printing } from "../terminal/printing.ts";
import { clearProgress, Progress } from "../terminal/progress.ts";

const statuses = { clean: 0, findings: 1, undecided: 2 } as const;
const report_mode = 0o644;

interface VerifyCommandOptions {
  root: string[];
  report?: string;
  json?: boolean;
  retainedFrom?: string;
  until?: string;
  jsonEqual?: boolean;
  strict?: boolean;
  quiet?: boolean;
}

/** What the command does. */
export async function verify(files: string[], options: VerifyCommandOptions): Promise<void> {
  for (const root of options.root) {
    if (!isFingerprint(root)) {
      throw usage(`--root ${root} is no fingerprint: SHA256: and 43 characters are expected`);
    }
  }
  const progress = new Progress(systemClock);
  const space = new NewSpace();
  const verified = await verifyExport({
    files,
    roots: options.root,
    retained_from: timeOption("--retained-from", options.retainedFrom),
    until: timeOption("--until", options.until),
    is_json_equal: options.jsonEqual === true,
    is_strict: options.strict === true,
    progress: {
      expect: (bytes) => progress.expect(bytes),
      add: (bytes) => {
        space.bound();
        progress.add(bytes);
      },
    },
  });
  clearProgress();
  ending.status = statuses[verified.verdict];
  if (options.report !== undefined) await writeReport(verified, options.report, options);
  await print(verified, options);
}

async function print(verified: Verified, { json, quiet }: VerifyCommandOptions): Promise<void> {
  if (json === true) {
    console.log(printableJson(JSON.stringify(verified, undefined, 2)));
    return;
  }
  const lines = quiet === true ? [verdictSentence(verified)] : textReport(verified);
  const printing = new Printing();
  for (const line of lines) if (!(await printing.line(printable(line)))) return;
  await printing.flush();
}

async function writeReport(
  verified: Verified,
  path: string,
  options: VerifyCommandOptions,
): Promise<void> {
  const text = htmlReport(verified, { time_ms: systemClock.now(), asked: askedFor(options) });
  try {
    await writeNewFile({ path: resolve(path), text, mode: report_mode, replaces: true });
  } catch (cause) {
    const message = `cannot write the report to ${path}: ${messageOf(cause)}`;
    throw new TallymanError("verify_impossible", message, { file: path }, { cause });
  }
}

function askedFor({ retainedFrom, until, jsonEqual, strict }: VerifyCommandOptions): string[] {
  return [
    ...(retainedFrom === undefined ? [] : [`events are retained from ${retainedFrom} on`]),
    ...(until === undefined ? [] : [`the seals reach to ${until}`]),
    ...(jsonEqual === true ? ["blanks between the tokens of JSON are ignored"] : []),
    ...(strict === true ? ["repeats, unsealed and foreign events are findings"] : []),
  ];
}

function timeOption(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const is_iso = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/.test(text);
  const ms = is_iso ? Date.parse(text) : NaN;
  if (!Number.isNaN(ms)) return ms;
  throw usage(
    `${name} ${text} is no time: expected one such as 2026-11-29 or 2026-11-29T10:00:00Z`,
  );
}

function usage(message: string): TallymanError {
  return new TallymanError("usage", message);
}
