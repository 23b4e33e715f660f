/** The Debian packages of the shared libraries that a program needs, with the least version that has what it asks for. */
import { execFileSync } from "node:child_process";

/** Those that libc6 has. */
const libc = /^(ld-linux-.*|lib(c|m|dl|pthread|rt))\.so\.\d$/;

/**
 * The newest symbols of libstdc++ by the major version of GCC that brought them, from its ABI policy
 * (gcc.gnu.org/onlinedocs/libstdc++/manual/abi.html): GLIBCXX_3.4.x and CXXABI_1.3.x.
 */
const gcc: readonly [gcc: number, glibcxx: number, cxxabi: number][] = [
  [5, 21, 9],
  [6, 22, 10],
  [7, 24, 11],
  [8, 25, 11],
  [9, 28, 12],
  [11, 29, 13],
  [12, 30, 13],
  [13, 32, 14],
];

/** For `Depends:`. */
export function libraryPackages(program: string): string[] {
  const dynamic = execFileSync("readelf", ["-d", "-V", "-W", program], { encoding: "utf8" });
  const libraries = [...dynamic.matchAll(/\(NEEDED\).*\[(.+)\]/g)].map(([, library]) => library!);
  return [...new Set(libraries.map((library) => packageOf(library, dynamic)))].sort();
}

function packageOf(library: string, dynamic: string): string {
  if (libc.test(library)) return `libc6 (>= 2.${newest(dynamic, /Name: GLIBC_2\.(\d+)/g)})`;
  if (library === "libstdc++.so.6") return `libstdc++6 (>= ${gccOf(dynamic)})`;
  if (library === "libgcc_s.so.1") return "libgcc-s1";
  if (library === "libatomic.so.1") return "libatomic1";
  throw new Error(`no package is known for ${library}`);
}

function gccOf(dynamic: string): number {
  const glibcxx = newest(dynamic, /Name: GLIBCXX_3\.4\.(\d+)/g);
  const cxxabi = newest(dynamic, /Name: CXXABI_1\.3\.(\d+)/g);
  const row = gcc.find((each) => each[1] >= glibcxx && each[2] >= cxxabi);
  if (row === undefined) throw new Error(`no GCC is known for GLIBCXX_3.4.${glibcxx}`);
  return row[0];
}

function newest(dynamic: string, version: RegExp): number {
  return Math.max(0, ...[...dynamic.matchAll(version)].map(([, number]) => Number(number)));
}
