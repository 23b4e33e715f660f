/** Which directories tallyman takes for its own: nobody else can change them, or put something else in their place. */
import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { distrustOfTree } from "../../../../src/platform/files/trust.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";

/** A directory, and one above it that is not the temporary directory's own. */
function place(): { above: string; directory: string } {
  const above = join(temporaryDirectory(), "above");
  const directory = join(above, "state");
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  return { above, directory };
}

const asRoot = test.skipIf(process.getuid!() !== 0);

describe("trust", () => {
  test.each([0o700, 0o750, 0o755])("trust - a directory of mode %o is its own", async (mode) => {
    const { directory } = place();
    chmodSync(directory, mode);
    mkdirSync(join(directory, "journal"), { mode: 0o700 });
    expect(await distrustOfTree(directory)).toBeUndefined();
  });

  test.each([0o777, 0o770, 0o1777, 0o2775])("trust - one of mode %o is not", async (mode) => {
    const { directory } = place();
    chmodSync(directory, mode);
    expect(await distrustOfTree(directory)).toMatch(/may write to it .*; run: chmod go-w '/);
  });

  test("trust - nor is one that others can replace, unless only an owner can there", async () => {
    const { above, directory } = place();
    chmodSync(above, 0o777);
    expect(await distrustOfTree(directory)).toContain(`chmod +t '${above}'`);
    chmodSync(above, 0o1777);
    expect(await distrustOfTree(directory)).toBeUndefined();
  });

  test("trust - nor is one with a directory in it that others may write", async () => {
    const { directory } = place();
    mkdirSync(join(directory, "journal"));
    chmodSync(join(directory, "journal"), 0o777);
    expect(await distrustOfTree(directory)).toContain(join(directory, "journal"));
  });

  test("trust - a link is as good as what it leads to, and the way there", async () => {
    const { above, directory } = place();
    const elsewhere = temporaryDirectory();
    const link = join(elsewhere, "link");
    symlinkSync(directory, link);
    symlinkSync(link, join(elsewhere, "link-to-link"));
    expect(await distrustOfTree(join(elsewhere, "link-to-link"))).toBeUndefined();
    chmodSync(elsewhere, 0o777);
    expect(await distrustOfTree(join(elsewhere, "link-to-link"))).toContain(elsewhere);
    chmodSync(elsewhere, 0o700);
    chmodSync(above, 0o777);
    expect(await distrustOfTree(join(elsewhere, "link-to-link"))).toContain(above);
  });

  test("trust - a directory in it may be on another disk, where nobody else can change that", async () => {
    const { directory } = place();
    const disk = temporaryDirectory();
    mkdirSync(join(disk, "journal"));
    symlinkSync(join(disk, "journal"), join(directory, "journal"));
    expect(await distrustOfTree(directory)).toBeUndefined();
    chmodSync(disk, 0o777);
    expect(await distrustOfTree(directory)).toContain(disk);
  });

  asRoot("trust - what is root's alone may be in it, as on a disk of its own", () => {
    const { directory } = place();
    chownSync(join(directory, ".."), 65534, 65534);
    chownSync(directory, 65534, 65534);
    chmodSync(join(directory, "..", ".."), 0o755);
    mkdirSync(join(directory, "lost+found"), { mode: 0o700 });
    const module = import.meta.resolve("../../../../src/platform/files/trust.ts");
    const script = `import { distrustOfTree } from ${JSON.stringify(module)};
      process.setgid(65534); process.setuid(65534);
      console.log(await distrustOfTree(${JSON.stringify(directory)}));`;
    const options = ["--input-type=module", "-e", script];
    expect(execFileSync(process.execPath, options).toString().trim()).toBe("undefined");
  });

  asRoot("trust - what belongs to somebody else is not its own, at any step", async () => {
    const { above, directory } = place();
    chownSync(directory, 12345, 12345);
    expect(await distrustOfTree(directory)).toContain("it belongs to user 12345");
    expect(await distrustOfTree(directory, 12345)).toBeUndefined();
    chownSync(directory, 0, 0);
    chownSync(above, 12345, 12345);
    expect(await distrustOfTree(directory)).toContain(`${above}: it belongs to user 12345`);
  });
});
