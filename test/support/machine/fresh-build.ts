/** Builds dist/ before the tests where the source is newer, so that what is tested is what is there. */
import { buildIfStale } from "../../../scripts/bundle/stale.ts";
import { trimCompileCache } from "./compile-cache.ts";

/** Called once, before all tests. */
export function setup(): void {
  trimCompileCache();
  buildIfStale();
}
