/**
 * `npm run soak`: the real daemon under load for 20 minutes, through rotation, outages, kills and reloads, while another
 * process counts every event. It ends with 1 where anything does not hold. `bench/README.md` has the figures.
 *
 *     npm run soak -- --minutes 20 --rate 20000
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { buildIfStale } from "../../scripts/bundle/stale.ts";
import { Conductor } from "../soak/conductor.ts";
import { checksOf, printReport } from "../soak/report.ts";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "20" },
    /** Events a second, files and socket together. */
    rate: { type: "string", default: "20000" },
    /** Leaves the directory behind, to look into. */
    keep: { type: "boolean", default: false },
  },
});

buildIfStale();
const directory = mkdtempSync(join(tmpdir(), "tallyman-soak-"));
const options = { directory, minutes: Number(values.minutes), per_second: Number(values.rate) };
console.log(`Node ${process.version}: ${values.minutes} min at ${values.rate} events/s\n`);
try {
  const result = await Conductor.run(options);
  const checks = checksOf(result, options);
  printReport(result, checks);
  const failed = checks.filter(({ holds }) => !holds);
  console.log(failed.length === 0 ? "\nEverything holds." : `\n${failed.length} do not hold.`);
  process.exitCode = failed.length === 0 ? 0 : 1;
} finally {
  if (values.keep) console.log(`Left behind: ${directory}`);
  else rmSync(directory, { recursive: true, force: true });
}
