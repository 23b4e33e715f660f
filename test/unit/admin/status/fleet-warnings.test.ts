/** What an agent of a fleet warns of. */
import { expect, test } from "vitest";
import type { FleetStatus } from "../../../../src/admin/status/fleet-status.ts";
import { fleetWarnings } from "../../../../src/admin/status/fleet-warnings.ts";

const well: FleetStatus = {
  agent: "web-1",
  group: "web",
  state: "taken",
  serial: 7,
  time: "2026-11-29T18:05:26.000Z",
  sha256: "00",
  connected: true,
  unread: undefined,
  shared: undefined,
  refused: { old_serial: 1 },
  refusal: undefined,
};

test("fleet warnings - an agent that has its configuration has none, nor has one without a fleet", () => {
  expect(fleetWarnings(well)).toEqual([]);
  expect(fleetWarnings(undefined)).toEqual([]);
});

test("fleet warnings - each trouble is named", () => {
  const refusal = { at: "", reason: "old_serial", detail: "serial 6 is older", serial: 6 };
  const found = [
    ...fleetWarnings({ ...well, state: "held", connected: false, refusal }),
    ...fleetWarnings({ ...well, state: "own", serial: undefined }),
    ...fleetWarnings({
      ...well,
      unread: { since: "2026-11-29T18:05:26.000Z", error: "no leader" },
    }),
    ...fleetWarnings({ ...well, shared: { host: "host-b" } }),
  ];
  expect(found.map(({ code, severity }) => [code, severity])).toEqual([
    ["fleet_holding", "problem"],
    ["fleet_refused", "problem"],
    ["fleet_unreachable", "problem"],
    ["fleet_without_configuration", "hint"],
    ["fleet_unread", "problem"],
    ["fleet_name_shared", "problem"],
  ]);
  expect(found.at(-1)!.message).toContain("another agent on host-b has the name web-1");
});
