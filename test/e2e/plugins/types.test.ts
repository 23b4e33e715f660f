/**
 * The types of the plugin API, by docs/plugins.md alone: in an empty folder, and with a mistake in the plugin found. The
 * packages themselves, which take longer to build, are in package.test.ts.
 */
import { cpSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { FileTree } from "../../../scripts/package/file-tree.ts";
import { placeTypes } from "../../../scripts/package/program-files.ts";
import {
  all_mistakes,
  checkTypes,
  compilerConfigurations,
  mistakesIn,
} from "../../support/documents/plugin-types.ts";
import { longTest } from "../../support/effort.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

const { deb, npm } = compilerConfigurations();

longTest("plugin types - they are complete in what the npm package has", () => {
  const folder = temporaryDirectory();
  const own = join(folder, "node_modules/tallyman");
  cpSync("dist/types", join(own, "dist/types"), { recursive: true });
  cpSync("package.json", join(own, "package.json"));
  expect(mistakesIn(checkTypes(folder, npm))).toEqual(all_mistakes);
});

longTest("plugin types - they are complete in what the Debian package has", () => {
  const root = temporaryDirectory();
  placeTypes(new FileTree(root), "dist/types");
  const configuration = deb.replace("/usr/share", join(root, "usr/share"));
  expect(mistakesIn(checkTypes(temporaryDirectory(), configuration))).toEqual(all_mistakes);
});
