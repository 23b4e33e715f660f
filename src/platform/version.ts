/** This build's version, from package.json. */
import { readFileSync } from "node:fs";
import { package_json } from "./places.ts";

const manifest = JSON.parse(readFileSync(package_json, "utf8")) as { version: string };

export const version = manifest.version;
