/** Which configuration a command is about. */
import { chmodSync, chownSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { findConfiguration } from "../../../../src/cli/configuration/find-configuration.ts";
import { tallyman } from "../../../support/command-line.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";

const minimal = `
inputs: { a: { paths: ["/var/log/none.log"] } }
output: { type: stdout }
`;
const user = process.getuid!();

function places(): { here: string; packaged: string } {
  const directory = temporaryDirectory();
  return { here: join(directory, "config.yaml"), packaged: join(directory, "packaged.yaml") };
}

function find(
  { here, packaged }: { here: string; packaged: string },
  environment: NodeJS.ProcessEnv = {},
): string {
  return findConfiguration(undefined, { environment, places: [here, packaged], user });
}

test("what is named goes before the variable, and the variable before what is found", () => {
  const at = places();
  const environment = { TALLYMAN_CONFIG: "of-variable.yaml" };
  writeFileSync(at.here, minimal);
  const surroundings = { environment, places: [at.here], user };
  expect(findConfiguration("named.yaml", surroundings)).toBe("named.yaml");
  expect(find(at, environment)).toBe("of-variable.yaml");
  expect(find(at, { TALLYMAN_CONFIG: "" })).toBe(at.here);
});

test("the one here goes before the package's", () => {
  const at = places();
  writeFileSync(at.packaged, minimal);
  expect(find(at)).toBe(at.packaged);
  writeFileSync(at.here, minimal);
  expect(find(at)).toBe(at.here);
});

test("without any it says where it has looked, and what to do", () => {
  const at = places();
  expect(() => find(at)).toThrow(
    `there is no configuration: neither ${at.here} nor ${at.packaged} is there. Name one with -c FILE`,
  );
});

test("a file that everybody can write is used only where it is named", () => {
  const at = places();
  writeFileSync(at.here, minimal);
  chmodSync(at.here, 0o666);
  expect(() => find(at)).toThrow("can be written by every user; name it to use it: -c");
});

test.runIf(user === 0)("a file of another user, or a link of theirs, likewise", () => {
  const at = places();
  writeFileSync(at.here, minimal);
  chownSync(at.here, 65_534, 65_534);
  expect(() => find(at)).toThrow("belongs to another user; name it to use it: -c");
  const linked = places();
  symlinkSync(at.here, linked.here);
  expect(() => find(linked)).toThrow("belongs to another user");
});

test("a command takes FILE, -c FILE or the variable, and refuses two different ones", async () => {
  const { here, packaged } = places();
  writeFileSync(here, minimal);
  for (const [words, environment] of [
    [["check", here], {}],
    [["check", "-c", here], {}],
    [["check", here, "-c", here], {}],
    [["check"], { TALLYMAN_CONFIG: here }],
  ] as const) {
    const { status, out } = await tallyman([...words], environment);
    expect(out).toContain(`${here} is valid`);
    expect(status).toBe(0);
  }
  const two = await tallyman(["check", here, "-c", packaged]);
  expect(two.status).toBe(2);
  expect(two.err).toContain("two configurations are named");
});
