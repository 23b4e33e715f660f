/** `tallyman verify`, as its help shows it. */
import { Command, Option } from "commander";
import type { verify } from "../../verify/verify.ts";

const help = `
It compares an export of Splunk with the seals in it, and names each event that
is missing, altered, moved or added, and each seal that is missing or invalid.
It needs no agent and no configuration: only the export, and the fingerprint
that \`tallyman proof init\` printed. Repeat --root for several agents.

Export the events of a time range, and the seals of a wider range: whole days,
and some minutes after the last event (docs/proof.md). On a search head
(-maxout 0 is necessary, or Splunk stops after 100 events):
  $ splunk search 'index=main OR index=tally_seals | fields _raw _time index
    sourcetype tally_lane tally_block tally_i tally_sig' -maxout 0
    -earliest_time -7d@d -latest_time now -output json > export.json
or over the network, where a failed search peer is reported in the export:
  $ curl -u USER https://HOST:8089/services/search/v2/jobs/export
    -d output_mode=json -d search='search index=main OR index=tally_seals ...'

It reads JSON lines and CSV, also as .gz and .zst, and the archives of the file
output. It reads files more than once, and uses temporary files (in TMPDIR), so
memory does not grow with the export.

Exit status: 0 when nothing contradicts the export; 1 when something does; 2
when no verdict is possible (the export is incomplete, or has no seals of this
root), or the command line is invalid.

Examples:
  $ tallyman verify --root SHA256:kY3… export.json
  $ tallyman verify --root SHA256:kY3… --report proof.html events.csv seals.csv
  $ tallyman verify --root SHA256:kY3… --retained-from 2026-08-01 export.json.gz`;

export function verifyCommand(): Command {
  return new Command("verify")
    .description("prove from an export of Splunk that nothing is missing or altered")
    .argument("<export...>", "the files of the export, events and seals")
    .option("--root <fingerprint>", "the fingerprint of an agent's root", collect)
    .option("--report <file>", "write the report as an HTML page")
    .option("--json", "print what was found as JSON")
    .option("--retained-from <time>", "older events may be gone: they are EXPIRED, not MISSING")
    .option("--until <time>", "the time that the seals must reach")
    .option("--json-equal", "ignore blanks between the tokens of an event's JSON")
    .option("--strict", "report repeats, unsealed and foreign events, too")
    .addOption(new Option("--quiet", "print the verdict alone").conflicts("json"))
    .addHelpText("after", help)
    .action(async (...given: Parameters<typeof verify>) =>
      (await import("../../verify/verify.ts")).verify(...given),
    );
}

/** An option that may be given several times. */
function collect(value: string, before: string[] = []): string[] {
  return [...before, value];
}
