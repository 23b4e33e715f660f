/** The program as it ships, in one folder: what dist/ has, and the packages as well. */
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bundle, program_file } from "./bundle.ts";
import { billOfMaterials } from "./bill-of-materials.ts";
import { licencesText, packagesOf, type PackageInside } from "./inside.ts";
import { bundlePage } from "./page.ts";
import { writeTypes } from "./types.ts";

/** Whose code is inside, for people. */
export const licences = "third-party-licences.txt";
/** The same for programs: CycloneDX. */
export const sbom = "sbom.cdx.json";

/**
 * Builds it into a folder that is not there yet, and gives the packages whose code is inside. The same source gives the
 * same bytes.
 */
export async function buildProgram(folder: string): Promise<PackageInside[]> {
  const modules = await bundle(folder);
  chmodSync(join(folder, program_file), 0o755);
  const packages = packagesOf([...modules, ...(await bundlePage(folder))]);
  writeFileSync(join(folder, licences), licencesText(packages));
  writeFileSync(join(folder, sbom), billOfMaterials(packages));
  writeTypes(join(folder, "types"));
  return packages;
}
