/** The machine's name: what the environment says, else the system's. */
import { hostname } from "node:os";
import { expect, test } from "vitest";
import { machineName } from "../../../../src/platform/process/machine-name.ts";

test("machine name - is the one that the environment names, else the system's", () => {
  expect(machineName({ TALLYMAN_HOST: "node-7" })).toBe("node-7");
  for (const nothing of ["", " \n"])
    expect(machineName({ TALLYMAN_HOST: nothing })).toBe(hostname());
  expect(machineName({})).toBe(hostname());
});
