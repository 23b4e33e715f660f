/** Which configurations of a fleet are taken: a table of what was seen and what comes. */
import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { judgeNote } from "../../../../src/agent/fleet/judge.ts";
import type { Kept } from "../../../../src/config/fleet/kept.ts";
import { fleetOptions } from "../../../../src/config/fleet/options.ts";
import { sha256Of, signConfiguration } from "../../../../src/config/fleet/signed.ts";
import {
  privateKeyOf,
  publicBytesOf,
  verifierKeyText,
} from "../../../../src/proof/format/notes.ts";

const private_key = privateKeyOf(randomBytes(32));
const key = { name: "ops", key: publicBytesOf(private_key) };
const time = "2026-11-29T18:05:26.000Z";
const yaml = "inputs: {}\n";

function note(serial: number, text = yaml): string {
  return signConfiguration({ group: "web", serial, time, yaml: text }, key, private_key);
}

interface Before {
  /** The highest serial that was seen, and that in force. */
  seen?: number;
  in_force?: number;
  serial_min?: number;
  in_force_group?: string;
}

function judge(given: string, before: Before): string {
  const { seen, in_force, serial_min = 0, in_force_group: group = "web" } = before;
  const options = fleetOptions().parse({
    servers: ["nats://n1:4222"],
    group: "web",
    signed_by: [verifierKeyText(key)],
    serial_min,
  });
  const sha256 = sha256Of(yaml);
  const kept: Kept = {
    v: 1,
    highest: seen === undefined ? {} : { web: { serial: seen, sha256 } },
  };
  const taken = in_force === undefined ? undefined : { group, serial: in_force, time, sha256 };
  const judged = judgeNote(given, options, { kept, taken });
  return judged.kind === "refuse" ? judged.reason : judged.kind;
}

describe("judging a configuration", () => {
  test.each<[what: string, before: Before, serial: number, verdict: string]>([
    ["the first one", {}, 1, "take"],
    ["a newer one", { seen: 7, in_force: 7 }, 8, "take"],
    ["the one in force", { seen: 7, in_force: 7 }, 7, "same"],
    ["an older one", { seen: 7, in_force: 7 }, 6, "old_serial"],
    ["one between what is in force and what was seen", { seen: 9, in_force: 7 }, 8, "old_serial"],
    ["what was seen and refused, again", { seen: 9, in_force: 7 }, 9, "take"],
    ["what was taken and could not be used at the start", { seen: 7 }, 7, "take"],
    [
      "an old one where the state is lost, and the file says how old",
      { serial_min: 7 },
      6,
      "old_serial",
    ],
    ["the least that the file allows", { serial_min: 7 }, 7, "take"],
    ["a serial that another group has in force", { in_force: 7, in_force_group: "db" }, 7, "take"],
  ])("%s", (_, before, serial, verdict) => {
    expect(judge(note(serial), before)).toBe(verdict);
  });

  test("the same serial with another content is not taken", () => {
    expect(judge(note(7, "chain: []\n"), { seen: 7, in_force: 7 })).toBe("old_serial");
  });
});
