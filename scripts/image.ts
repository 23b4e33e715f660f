/**
 * Builds container images of the Debian packages: `npm run image`, after `npm run package`. For each architecture an archive
 * in the OCI layout comes to build/, which skopeo, podman, buildah and containerd read. It takes apt, dpkg-deb, tar and umoci.
 *
 * The same packages give the same archive, byte for byte. Debian's own come from its archive as they are today;
 * `--debian DIR` keeps them in a folder, and takes those that it finds there. `--arch amd64` leaves the other architecture
 * out, `--from DIR` says where tallyman's packages are, `--into DIR` puts the images elsewhere.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { debianPackages } from "./image/debian-packages.ts";
import { layDebian, layTallyman, packLayer } from "./image/layers.ts";
import { writeImage } from "./image/oci-image.ts";
import { architectures, isArchitecture } from "./package/runtime.ts";
import { sourceDate } from "./package/source-date.ts";

const { values } = parseArgs({
  options: {
    arch: { type: "string", multiple: true, default: [...architectures] },
    from: { type: "string", default: "build" },
    into: { type: "string", default: "build" },
    debian: { type: "string" },
  },
});

const { version: npm_version } = JSON.parse(readFileSync("package.json", "utf8")) as {
  version: string;
};
const [from, into] = [resolve(values.from), resolve(values.into)];
mkdirSync(into, { recursive: true });
const date = sourceDate();
for (const architecture of values.arch) {
  if (!isArchitecture(architecture)) throw new Error(`--arch: ${architectures.join(" or ")}`);
  const work = mkdtempSync(join(tmpdir(), "tallyman-image-"));
  try {
    const own = join(from, `tallyman_${npm_version.replace("-", "~")}_${architecture}.deb`);
    const kept = values.debian === undefined ? join(work, "debian") : resolve(values.debian);
    const debian = debianPackages({ architecture, kept, work });
    const layers = [
      { comment: "Debian 12: what the program needs", tree: layDebian(join(work, "base"), debian) },
      { comment: "tallyman", tree: layTallyman(join(work, "own"), own, debian) },
    ].map(({ comment, tree }) => ({ comment, file: packLayer(tree, date) }));
    const file = join(into, `tallyman-${npm_version}-${architecture}.oci.tar`);
    writeImage({ layers, architecture, version: npm_version, date, work, file });
    console.log(file);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
