/** Has the watchdog look at the plugins of a configuration, where it has any of its own. */
import { join } from "node:path";
import type { Config } from "../../config/config.ts";
import { state_names } from "../../platform/files/state-names.ts";
import type { ReportForm } from "../../platform/watchdog/orders.ts";
import { watchdog } from "../../platform/watchdog/watchdog.ts";

/** Where a configuration has mistakes, and so no valid timeout. */
const timeout_ms_otherwise = 20_000;

type Watched = Pick<Config, "plugins_dir"> & Partial<Pick<Config, "plugin_timeout">>;

/** For a command that only loads them. */
export async function watchLoading({ plugins_dir, plugin_timeout }: Watched): Promise<void> {
  if (plugins_dir === undefined) return;
  await watchdog.start({ timeout_ms: plugin_timeout ?? timeout_ms_otherwise, form: "text" });
}

/** For the agent: the events on which steps hang are kept in its state directory. */
export async function watchSteps(config: Config, form: ReportForm): Promise<void> {
  const { plugins_dir, plugin_timeout, state_dir } = config;
  if (plugins_dir === undefined) return;
  const file = join(state_dir, state_names.hung_events);
  await watchdog.start({ timeout_ms: plugin_timeout, form, file });
}
