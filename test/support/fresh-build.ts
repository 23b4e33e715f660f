/** Builds dist/ before the tests where the source is newer, so that what is tested is what is there. */
export { buildIfStale as setup } from "../../scripts/bundle/stale.ts";
