/**
 * Builds what can be installed: `npm run package`. The npm tarball, the Debian packages and the app for Splunk come to build/.
 *
 * Two builds of one commit are the same, byte for byte: all times are the commit's (or SOURCE_DATE_EPOCH's), and all
 * modes and orders are set here. `--arch amd64` leaves the other architecture out, `--into DIR` puts the files elsewhere,
 * `--fast` compresses less, `--maintainer "NAME <ADDRESS>"` says whom the Debian packages come from.
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { buildProgram } from "./bundle/program.ts";
import { loadPlugins } from "../src/chain/plugins/load-plugins.ts";
import { default_maintainer, isMaintainer } from "./package/debian-control.ts";
import { buildDebianPackage } from "./package/debian-package.ts";
import { buildNpmTarball } from "./package/npm-tarball.ts";
import { architectures, isArchitecture } from "./package/runtime.ts";
import { sourceDate } from "./package/source-date.ts";
import { buildSplunkApp } from "./package/splunk-app.ts";

const { values } = parseArgs({
  options: {
    arch: { type: "string", multiple: true, default: [...architectures] },
    into: { type: "string", default: "build" },
    fast: { type: "boolean", default: false },
    maintainer: { type: "string", default: default_maintainer },
  },
});

const { fast, maintainer } = values;
if (!isMaintainer(maintainer)) {
  throw new Error(`--maintainer: a name and an address, such as "${default_maintainer}"`);
}
const plugins = [...(await loadPlugins()).values()].map(({ plugin }) => plugin);
const into = resolve(values.into);
mkdirSync(into, { recursive: true });
const work = mkdtempSync(join(tmpdir(), "tallyman-package-"));
try {
  const date = sourceDate();
  // Away from the dist/ that may be in use.
  const program = join(work, "dist");
  const packages = await buildProgram(program);
  const tarball = buildNpmTarball({ program, into, work });
  console.log(tarball);
  console.log(buildSplunkApp({ date, into, work }));
  for (const architecture of values.arch) {
    if (!isArchitecture(architecture)) throw new Error(`--arch: ${architectures.join(" or ")}`);
    const shared = { tarball, packages, plugins, maintainer, date, into, work, fast };
    console.log(buildDebianPackage({ ...shared, architecture }));
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
