/**
 * Builds dist/: `npm run build`. It is the program as it ships: one bundle with the code of all libraries inside, the types
 * of the plugin API, and what says whose code it is.
 *
 * A build goes to a folder beside dist/ first, so that a program that is running keeps whole files.
 */
import { existsSync, renameSync, rmSync } from "node:fs";
import { buildProgram } from "./bundle/program.ts";

const [fresh, old] = ["dist.new", "dist.old"];
for (const folder of [fresh, old]) rmSync(folder, { recursive: true, force: true });
await buildProgram(fresh);
if (existsSync("dist")) renameSync("dist", old);
renameSync(fresh, "dist");
rmSync(old, { recursive: true, force: true });
