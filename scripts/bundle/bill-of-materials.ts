/**
 * The SBOM in CycloneDX's form: npm's own, restricted to the packages whose code is in the bundle, and without what differs
 * from build to build.
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import type { PackageInside } from "./inside.ts";

interface Component {
  "bom-ref": string;
  [key: string]: unknown;
}

interface Dependency {
  ref: string;
  dependsOn: string[];
}

/** Of `npm sbom`. */
interface Bill {
  serialNumber?: string;
  metadata: { timestamp?: string; tools?: unknown; component: Component };
  components: Component[];
  dependencies: Dependency[];
}

export function billOfMaterials(packages: readonly PackageInside[]): string {
  const args = ["sbom", "--package-lock-only", "--sbom-format", "cyclonedx"];
  const { serialNumber: _, ...bill } = JSON.parse(
    execFileSync("npm", [...args, "--sbom-type", "application"], {
      encoding: "utf8",
      maxBuffer: 64 * 1024 * 1024,
    }),
  ) as Bill;
  const { component } = bill.metadata;
  const inside = new Set(packages.map(({ name, version }) => `${name}@${version}`));
  const components = bill.components.filter((each) => inside.has(each["bom-ref"]));
  const missing = inside.difference(new Set(components.map((each) => each["bom-ref"])));
  if (missing.size > 0) throw new Error(`npm sbom has no ${[...missing].join(", no ")}`);
  // npm names it after the folder that it is in.
  const { name } = JSON.parse(readFileSync("package.json", "utf8")) as { name: string };
  const restricted = {
    ...bill,
    metadata: { lifecycles: [{ phase: "build" }], component: { ...component, name } },
    // That something of it serves development, too, is no property of the program.
    components: components.map((each) => ({ ...each, scope: "required", properties: [] })),
    dependencies: restrict(bill.dependencies, new Set([...inside, component["bom-ref"]])),
  };
  return `${JSON.stringify(restricted, undefined, 2)}\n`;
}

function restrict(dependencies: readonly Dependency[], refs: ReadonlySet<string>): Dependency[] {
  return dependencies
    .filter(({ ref }) => refs.has(ref))
    .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((each) => refs.has(each)) }));
}
