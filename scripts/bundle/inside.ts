/** The packages whose code is in the bundle, by the modules that the bundler put in; and their licences. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface PackageInside {
  name: string;
  version: string;
  /** As it names it: an SPDX expression. */
  licence: string;
  /** The texts of its licence, and of its notice where it has one. */
  texts: string[];
}

/** Those that the modules are from, by name. tallyman's own are not among them. */
export function packagesOf(modules: readonly string[]): PackageInside[] {
  const folders = new Set(modules.flatMap((module) => folderOf(module) ?? []));
  return [...folders]
    .map(packageIn)
    .sort((one, other) => compare(one.name, other.name) || compare(one.version, other.version));
}

/** The file that comes with the program. */
export function licencesText(packages: readonly PackageInside[]): string {
  const intro = "The files beside this one hold code of these packages, under these licences.\n";
  return [intro, ...packages.map((each) => describeLicence(each, each.texts))].join("\n");
}

/** A package's part of a file of licences. */
export function describeLicence(
  { name, version, licence }: PackageInside,
  texts: readonly string[],
): string {
  const title = `${name} ${version}, licensed as ${licence}`;
  return `${"-".repeat(78)}\n${title}\n\n${texts.join("\n\n")}\n`;
}

/** The package's own folder; undefined for a module of ours. */
function folderOf(module: string): string | undefined {
  // What the bundler adds of itself.
  if (module.startsWith("\0rolldown/")) return join("node_modules", "rolldown");
  const [, folder] = /^\0?(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(module) ?? [];
  if (folder === undefined && module.startsWith("\0")) throw new Error(`whose is ${module}?`);
  return folder;
}

function packageIn(folder: string): PackageInside {
  const manifest = JSON.parse(read(join(folder, "package.json"))) as Record<string, string>;
  const { name, version, license } = manifest;
  if (name === undefined || version === undefined || license === undefined) {
    throw new Error(`${folder} does not say what it is, or its licence`);
  }
  const files = readdirSync(folder).filter((each) => /^(licen[cs]e|notice)/i.test(each));
  if (files.length === 0) throw new Error(`${name} comes without its licence`);
  const texts = files.sort().map((file) => read(join(folder, file)).trim());
  return { name, version, licence: license, texts };
}

function read(file: string): string {
  return readFileSync(file, "utf8");
}

function compare(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
