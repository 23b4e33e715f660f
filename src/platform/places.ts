/**
 * Where the program's own files are. This file is two levels below the package's root: in src/platform/ of the source tree,
 * and in dist/chunks/ of what is built.
 */
const here = import.meta.url;
const root = new URL("../../", here);

/** The package.json of this build. */
export const package_json = new URL("package.json", root);

/** The directory of the built program. */
export const built_program = new URL("dist/", root);

/** The directory of the packs of `redact`. */
export const built_in_packs = new URL("packs/", root);

/** The configuration that the Debian package comes with; elsewhere there is none. */
export const first_configuration = new URL("packaging/config.yaml", root);

const is_source = here.endsWith(".ts");

/** The directory of the built-in plugins. */
export const built_in_plugins = new URL("plugins/", is_source ? root : built_program);

/** The module of the public plugin API, the very one that the program itself uses. */
export const plugin_api = is_source
  ? new URL("src/plugin.ts", root)
  : new URL("plugin.js", built_program);

// What runs beside the main thread is always what was built: it starts in half the time that the source takes, which tests
// do hundreds of times.

/** The program of the thread that reads datagrams. */
export const datagram_worker = new URL("datagram-worker.js", built_program);

/** The program of the process of an isolated step. */
export const isolation_worker = new URL("isolation-worker.js", built_program);

/** The program of the thread that looks whether the main thread hangs. */
export const watchdog_worker = new URL("watchdog-worker.js", built_program);

/** The program of the thread that redacts large events. */
export const redaction_worker = is_source
  ? new URL("src/chain/large-events-thread/redaction-worker.ts", root)
  : new URL("redaction-worker.js", built_program);

/** The program of the process that tries an event for the page. */
export const try_worker = new URL("try-worker.js", built_program);

/** The directory of the page's files. A browser cannot read the source: they, too, are always those that were built. */
export const page_files = new URL("page/", built_program);
