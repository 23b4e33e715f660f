/** Where the state is if the configuration does not say it: for units, root, other users, and in every command alike. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadConfig, readPlaces, readStateDirectory } from "../../../src/config/load.ts";
import { defaultStateDirectory, type StateOwner } from "../../../src/config/state-directory.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

const no_units = { SYSTEMD_UNIT_PATH: "/nowhere" };

function owner(facts: Partial<StateOwner> = {}): StateOwner {
  const { environment, ...others } = facts;
  return {
    uid: 1000,
    home: "/home/ann",
    owns: () => false,
    ...others,
    environment: { ...no_units, ...environment },
  };
}

const of = (facts?: Partial<StateOwner>, file = "/srv/config.yaml"): string =>
  defaultStateDirectory(file, owner(facts));

test("state directory - a user has it in the XDG state directory, root in /var/lib", () => {
  expect(of()).toBe("/home/ann/.local/state/tallyman");
  expect(of({ environment: { XDG_STATE_HOME: "/data/state" } })).toBe("/data/state/tallyman");
  // As its specification says, a relative path in it is ignored.
  expect(of({ environment: { XDG_STATE_HOME: "state" } })).toBe("/home/ann/.local/state/tallyman");
  expect(of({ uid: 0, home: "/root" })).toBe("/var/lib/tallyman");
  expect(of({ home: undefined })).toBe("/var/lib/tallyman");
});

test("state directory - whom /var/lib/tallyman belongs to has it there, as in a container", () => {
  expect(of({ owns: (directory) => directory === "/var/lib/tallyman" })).toBe("/var/lib/tallyman");
});

test("state directory - what systemd made for the process goes before the user's own", () => {
  const environment = { STATE_DIRECTORY: "/var/lib/edge:/var/lib/more", XDG_STATE_HOME: "/x" };
  expect(of({ environment })).toBe("/var/lib/edge");
  expect(of({ environment: { STATE_DIRECTORY: "" } })).toBe("/home/ann/.local/state/tallyman");
});

test("state directory - that of the unit, for whoever asks, and from wherever", () => {
  const units = temporaryDirectory();
  for (const unit of ["tallyman.service", "tallyman@.service"]) {
    writeFileSync(join(units, unit), readFileSync(`systemd/${unit}`));
  }
  writeFileSync(
    join(units, "tallyman-x.service"),
    "ExecStart=/usr/bin/tallyman run -c /srv/x.yaml",
  );
  const environment = { SYSTEMD_UNIT_PATH: units, STATE_DIRECTORY: "/var/lib/telegraf" };
  for (const uid of [0, 1000]) {
    expect(of({ uid, environment }, "/etc/tallyman/config.yaml")).toBe("/var/lib/tallyman");
    expect(of({ uid, environment }, "/etc/tallyman/edge/config.yaml")).toBe(
      "/var/lib/tallyman-edge",
    );
    expect(of({ uid, environment }, "/srv/x.yaml")).toBe("/var/lib/tallyman");
  }
});

test("state directory - all commands find the same, whichever way they read the configuration", async () => {
  const folder = temporaryDirectory();
  const file = join(folder, "config.yaml");
  const environment = { ...no_units, STATE_DIRECTORY: join(folder, "of-the-unit") };
  const rest =
    "inputs: { a: { paths: [/a.log] } }\noutput: { url: http://localhost:1, token: t }\n";
  writeFileSync(file, rest);
  const { state_dir } = await loadConfig(file, environment);
  expect(state_dir).toBe(environment.STATE_DIRECTORY);
  expect(await readStateDirectory(file, environment)).toBe(state_dir);
  expect((await readPlaces(file, ["state_dir", "admin"], environment)).state_dir).toBe(state_dir);
  writeFileSync(file, `state_dir: here\n${rest}`);
  expect((await loadConfig(file, environment)).state_dir).toBe(join(folder, "here"));
  expect(await readStateDirectory(file, environment)).toBe(join(folder, "here"));
  writeFileSync(file, `state_dir:\n${rest}`);
  await expect(loadConfig(file, environment)).rejects.toThrow("1 error");
  await expect(readStateDirectory(file, environment)).rejects.toThrow("1 error");
});
