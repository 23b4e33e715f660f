/**
 * The two layers of the image as folders, and as archives: what it takes from Debian, and tallyman's own package. Manuals,
 * completions, units and the configuration of the service stay out; the licences stay in.
 */
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  globSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import type { DebianFile } from "./debian-packages.ts";

/** The user that it runs as, unless another is asked for. */
export const user_id = 10001;
export const state_dir = "var/lib/tallyman";
export const credentials_dir = "run/credentials/tallyman";

/** What no container has a use for. */
const unwanted = [
  "etc/tallyman/config.yaml",
  "usr/lib/*/gconv",
  "usr/lib/systemd",
  "usr/lib/sysusers.d",
  "usr/sbin/*",
  "usr/share/bash-completion",
  "usr/share/fish",
  "usr/share/lintian",
  "usr/share/locale",
  "usr/share/man",
  "usr/share/zsh",
];

/** The root of a Debian that has what node needs, and no more. */
export function layDebian(root: string, packages: readonly DebianFile[]): string {
  // Debian 12 has one place for programs and libraries, with links from the old ones; debootstrap makes them.
  for (const name of ["bin", "sbin", "lib", "lib64"]) {
    mkdirSync(join(root, "usr", name), { recursive: true });
    symlinkSync(`usr/${name}`, join(root, name));
  }
  for (const { file, files } of packages) unpack(root, file, files);
  prune(root);
  tighten(root);
  for (const { name, file } of packages) note(root, name, file);
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text, { mode: 0o644 });
  };
  const nologin = "/usr/sbin/nologin";
  write(
    "etc/passwd",
    `root:x:0:0:root:/root:${nologin}\n` +
      `tallyman:x:${user_id}:${user_id}:tallyman:/${state_dir}:${nologin}\n` +
      `nobody:x:65534:65534:nobody:/nonexistent:${nologin}\n`,
  );
  write("etc/group", `root:x:0:\nadm:x:4:\ntallyman:x:${user_id}:\nnogroup:x:65534:\n`);
  // The names in /etc/hosts come before those of the network.
  write("etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n");
  write("etc/ssl/certs/ca-certificates.crt", authorities(root));
  return root;
}

/** What update-ca-certificates makes of the authorities that Debian trusts. */
function authorities(root: string): string {
  const folder = join(root, "usr/share/ca-certificates");
  const files = globSync("**/*.crt", { cwd: folder }).sort();
  return files.map((file) => `${readFileSync(join(folder, file), "utf8").trim()}\n`).join("");
}

/** The files of tallyman's package, its directories, and the probe. Throws where it needs a library that is not there. */
export function layTallyman(root: string, deb: string, debian: readonly DebianFile[]): string {
  const depends = execFileSync("dpkg-deb", ["-f", deb, "Depends"], { encoding: "utf8" });
  const needed = depends.split(",").map((each) => each.trim().split(" ")[0]!);
  // A container has no systemd in it; what starts the container takes its place.
  const missing = needed.filter(
    (name) => name !== "systemd" && !debian.some((each) => each.name === name),
  );
  if (missing.length > 0) throw new Error(`the image lacks ${missing.join(", ")}`);
  mkdirSync(root);
  unpack(root, deb);
  prune(root);
  note(root, "tallyman", deb);
  const probe = join(root, "usr/bin/tallyman-probe");
  copyFileSync("packaging/container/tallyman-probe", probe);
  chmodSync(probe, 0o755);
  for (const path of ["etc/tallyman", credentials_dir, state_dir]) {
    mkdirSync(join(root, path), { recursive: true });
  }
  chmodSync(join(root, state_dir), 0o700);
  return root;
}

function unpack(root: string, deb: string, files: readonly string[] = []): void {
  const archive = execFileSync("dpkg-deb", ["--fsys-tarfile", deb], { maxBuffer: 1 << 30 });
  const paths = files.map((file) => `./${file}`);
  const options = ["-xp", "--no-same-owner", "--keep-directory-symlink", "-C", root];
  execFileSync("tar", [...options, ...paths], { input: archive });
}

function prune(root: string): void {
  const paths = globSync(unwanted, { cwd: root });
  // The licences are to go with the programs.
  const documents = globSync("usr/share/doc/*/*", { cwd: root }).filter(
    (path) => !/\/copyright[^/]*$/.test(path),
  );
  for (const path of [...paths, ...documents]) rmSync(join(root, path), { recursive: true });
}

/** Takes back what Debian grants to groups that the image does not have, as in /var/local. Places for temporary files stay. */
function tighten(root: string): void {
  for (const path of globSync("**/*", { cwd: root })) {
    const stats = lstatSync(join(root, path));
    const is_temporary = (stats.mode & 0o1000) !== 0;
    if (!stats.isSymbolicLink() && !is_temporary) {
      chmodSync(join(root, path), stats.mode & 0o7777 & ~0o6022);
    }
  }
}

/** Says that a package is there, where scanners look for it in images without dpkg. */
function note(root: string, name: string, deb: string): void {
  const folder = join(root, "var/lib/dpkg/status.d");
  mkdirSync(folder, { recursive: true });
  const control = execFileSync("dpkg-deb", ["-f", deb], { encoding: "utf8" });
  writeFileSync(join(folder, name), control, { mode: 0o644 });
}

/** The layer as an archive beside its folder: everything is root's but the state directory, and of one time. */
export function packLayer(root: string, date: Date): string {
  const file = `${root}.tar`;
  const tar = (mode: string, owner: number, ...rest: string[]): void => {
    const whose = [`--owner=:${owner}`, `--group=:${owner}`, "--numeric-owner"];
    const shape = ["--format=gnu", "--sort=name", `--mtime=@${date.getTime() / 1000}`];
    execFileSync("tar", [mode, file, ...whose, ...shape, "-C", root, ...rest]);
  };
  tar("-cf", 0, `--exclude=./${state_dir}`, ".");
  if (globSync(state_dir, { cwd: root }).length > 0) tar("-rf", user_id, `./${state_dir}`);
  return file;
}
