/**
 * How checks build on each other, and that they come to an end whatever hangs.
 */
import { describe, expect, test } from "vitest";
import { Bounds } from "../../../../src/doctor/findings/bounds.ts";
import { Findings, type CheckName } from "../../../../src/doctor/findings/finding.ts";
import { runSteps, type Step } from "../../../../src/doctor/findings/step.ts";
import { systemClock, type Clock } from "../../../../src/platform/clock.ts";

const never = new Promise<never>(() => undefined);

function step(check: CheckName, more: Partial<Step> = {}): Step {
  const run: Step["run"] = async () => [new Findings(check).ok("fine")];
  return { check, limit_ms: 1000, late: "timeout", run, ...more };
}

async function outcomesOf(
  steps: Step[],
  bounds = new Bounds(systemClock, 60_000),
): Promise<string[]> {
  const findings = await Array.fromAsync(runSteps(steps, bounds));
  return findings.map(({ check, verdict, message }) => `${check} ${verdict}: ${message}`);
}

const failing = (check: CheckName): Step =>
  step(check, { run: async () => [new Findings(check).fault("timeout", "broken")] });

describe("steps", () => {
  test("steps - skip what needs a check that failed, and what needs that, but nothing else", async () => {
    const steps = [
      failing("dns"),
      step("tcp", { needs: ["dns"] }),
      step("tls", { needs: ["tcp"] }),
      step("clock"),
    ];
    expect(await outcomesOf(steps)).toEqual([
      "dns failed: broken",
      "tcp skipped: the dns check failed",
      "tls skipped: the dns check failed",
      "clock ok: fine",
    ]);
  });

  test("steps - a warning stands in nobody's way", async () => {
    const doubtful = step("dns", {
      run: async () => [new Findings("dns").fault("address_silent", "one of two")],
    });
    const steps = [doubtful, step("tcp", { needs: ["dns"] })];
    expect(await outcomesOf(steps)).toEqual(["dns warning: one of two", "tcp ok: fine"]);
  });

  test("steps - what shows only on the way can be a reason to skip", async () => {
    const steps = [
      step("token", { unless: () => "because nobody answered" }),
      step("event", { needs: ["token"] }),
    ];
    const skipped = "skipped: because nobody answered";
    expect(await outcomesOf(steps)).toEqual([`token ${skipped}`, `event ${skipped}`]);
  });

  test("steps - one that does not end fails, and its error later is nobody's", async () => {
    const { promise, reject } = Promise.withResolvers<never>();
    const bounds = new Bounds(systemClock, 60_000);
    const hanging = step("files", { limit_ms: 20, late: "check_hangs", run: () => promise });
    const [first, second] = await outcomesOf([hanging, step("state")], bounds);
    expect(first).toContain("files failed: not finished within");
    expect(second).toBe("state ok: fine");
    expect(bounds.hanging).toBe(true);
    reject(new Error("late"));
    await expect(promise).rejects.toThrow("late");
    expect(bounds.hanging).toBe(false);
  });

  test("steps - where everything hangs they end when the time for all is over", async () => {
    let now_ms = 0;
    // Each wait is over at once, and has taken its time.
    const clock: Clock = {
      ...systemClock,
      monotonic: () => now_ms,
      sleep: async (delay_ms) => void (now_ms += delay_ms),
    };
    const bounds = new Bounds(clock, 50_000);
    const steps = Array.from({ length: 20 }, () =>
      step("files", { limit_ms: 8000, run: () => never }),
    );
    const said = await outcomesOf(steps, bounds);
    expect(now_ms).toBe(50_000);
    // The last one had less than its own time, which says nothing against it.
    expect(said.filter((each) => each.includes("failed"))).toHaveLength(6);
    expect(said.at(-1)).toContain("skipped: no time left");
  });
});
