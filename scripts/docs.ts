/**
 * Writes the generated documents from their sources: `node scripts/docs.ts`. With `--check` it writes nothing,
 * and fails when one of them is stale.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadPlugins } from "../src/chain/plugins/load-plugins.ts";
import { configReference } from "./docs/config-reference.ts";
import { configJsonSchema } from "./docs/config-schema.ts";
import { agent_dashboard } from "./dashboards/agent.ts";
import { grafanaFile } from "./dashboards/grafana.ts";
import { overview } from "./dashboards/overview.ts";
import { builtInPacks, loadPack } from "../src/detectors/packs/load-pack.ts";
import { detectorReference } from "./docs/detector-reference.ts";
import { errorReference } from "./docs/error-reference.ts";
import { logReference } from "./docs/log-reference.ts";
import { metricsReference } from "./docs/metrics-reference.ts";
import { troubleshooting } from "./docs/troubleshooting.ts";

const plugins = [...(await loadPlugins()).values()].map(({ plugin }) => plugin);
const packs = await Promise.all(builtInPacks().map((name) => loadPack(name, ".")));
const documents = {
  "dashboards/grafana/agent.json": grafanaFile(agent_dashboard),
  "dashboards/grafana/overview.json": grafanaFile(overview),
  "docs/configuration.md": configReference(plugins),
  "docs/config.schema.json": `${JSON.stringify(configJsonSchema(plugins), undefined, 2)}\n`,
  "docs/rules/detectors.md": detectorReference(packs),
  "docs/operations/errors.md": errorReference(),
  "docs/operations/log.md": logReference(),
  "docs/operations/metrics.md": metricsReference(),
  "docs/operations/troubleshooting.md": troubleshooting(),
};

const root = join(import.meta.dirname, "..");
const stale = Object.entries(documents).filter(([file, text]) => read(join(root, file)) !== text);

if (process.argv.includes("--check")) {
  for (const [file] of stale) console.error(`${file} is stale; run: npm run docs`);
  process.exitCode = stale.length > 0 ? 1 : 0;
} else {
  for (const [file, text] of stale) {
    writeFileSync(join(root, file), text);
    console.log(`wrote ${file}`);
  }
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
