/** Whether plugin files may be run: where a mount is read-only, whatever their modes. */
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { main } from "../../../support/program.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";

const can_mount = spawnSync("unshare", ["-rm", "true"]).status === 0;

test.runIf(can_mount)("a directory that Kubernetes mounts read-only passes, with mode 0777", () => {
  const directory = temporaryDirectory();
  const volume = join(directory, "plugins");
  mkdirSync(join(volume, "..2025"), { recursive: true });
  symlinkSync("..2025", join(volume, "..data"));
  symlinkSync("..data/p.mjs", join(volume, "p.mjs"));
  const plugin = 'export default { name: "p", create: () => (event) => event };';
  writeFileSync(join(volume, "..2025", "p.mjs"), plugin);
  for (const each of [volume, join(volume, "..2025"), join(volume, "..2025", "p.mjs")]) {
    chmodSync(each, 0o777);
  }
  const config = join(directory, "config.yaml");
  const lines = ["inputs: { a: { paths: [/a] } }", `plugins_dir: ${volume}`, "chain: [{ p: {} }]"];
  writeFileSync(config, [...lines, "output: { type: stdout }"].join("\n"));
  const check = (before: string): { status: number | null; stderr: string } =>
    spawnSync(
      "unshare",
      ["-rm", "sh", "-c", `${before} exec "$0" "$1" check "$2"`, process.execPath, main, config],
      {
        encoding: "utf8",
      },
    );
  const writable = check("");
  expect(writable.stderr).toContain("its group or others may write to it (mode 0777)");
  expect(writable.status).toBe(1);
  const mount = `mount --bind '${volume}' '${volume}' && mount -o remount,bind,ro '${volume}' &&`;
  expect(check(mount)).toMatchObject({ status: 0, stderr: "" });
});
