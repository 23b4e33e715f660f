/**
 * Node's inspector, through which any local user could run code as the daemon: a SIGUSR1 opens it where Node was
 * started without `--disable-sigusr1`.
 */
import { systemClock } from "../../platform/clock.ts";

/** Node opens it once more for a signal that it has not fully handled yet. */
const looks = 10;
const between_looks_ms = 10;

/** Closes it where a signal has opened it before tallyman could ignore signals; not where somebody has asked for it. */
export async function closeInspector(): Promise<void> {
  const { execArgv, env, features } = process;
  const options = [...execArgv, ...(env["NODE_OPTIONS"] ?? "").split(/\s+/)];
  // No signal opens it then; to look would load much that nothing else needs.
  if (options.includes("--disable-sigusr1")) return;
  if (!features.inspector || options.some((option) => option.startsWith("--inspect"))) return;
  // An import of it would read all that it exports.
  const inspector = process.getBuiltinModule("node:inspector");
  if (inspector.url() === undefined) return;
  for (let look = 0; look < looks; look += 1) {
    inspector.close();
    await systemClock.sleep(between_looks_ms);
  }
  process.stderr.write("tallyman: SIGUSR1 has opened Node's inspector; it is closed again.\n");
}
