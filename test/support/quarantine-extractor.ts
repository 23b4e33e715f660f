/**
 * A process that takes every other input's events out of a quarantine to be replayed, and says when it begins: to be killed.
 *
 *     node quarantine-extractor.ts DIRECTORY
 */
import { extract } from "../../src/output/quarantine/extract.ts";

console.log("begin");
const selection = { input: "odd" };
await extract(process.argv[2]!, { action: "replay", selection, with_masked: false });
