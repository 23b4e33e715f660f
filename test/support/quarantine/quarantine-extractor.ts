/**
 * A process that takes every other input's events out of a quarantine to be replayed, and says when it begins: to be killed.
 *
 *     node quarantine-extractor.ts DIRECTORY
 */
import { flushCompileCache } from "node:module";
import { extract } from "../../../src/output/quarantine/extract.ts";

// Who is killed keeps nothing of what was compiled for the next start.
flushCompileCache();
console.log("begin");
const selection = { input: "odd" };
await extract(process.argv[2]!, { action: "replay", selection, with_masked: false });
