/** Runs one test of a plugin: its event through a chain of the one step, as in the agent. */
import { isDeepStrictEqual } from "node:util";
import { compileChain } from "../../chain/compile.ts";
import type { Plugins } from "../../chain/plugins/load-plugins.ts";
import { Records } from "../../event/block.ts";
import { LogEvent } from "../../event/log-event.ts";
import type { Scanner } from "../../event/scanner.ts";
import type { Verdict } from "../../event/event.ts";
import { systemClock } from "../../platform/clock.ts";
import { messageOf } from "../../platform/errors.ts";
import { silentLogger } from "../../platform/log.ts";
import type { Expectation, PluginTest } from "./test-file.ts";

/** What is wrong, in lines; none where the test passes. */
export async function runTest(
  plugin: string,
  test: PluginTest,
  plugins: Plugins,
): Promise<string[]> {
  const steps = [
    { on_error: "quarantine" as const, isolate: undefined, [plugin]: test.options ?? {} },
  ];
  try {
    const chain = await compileChain(steps, plugins, { log: silentLogger, at: [] });
    try {
      const event = eventOf(test.text ?? JSON.stringify(test.event), chain.scanner);
      const verdict = chain.run(event);
      return differences(test.expect, verdict, event);
    } finally {
      await chain.dispose();
    }
  } catch (thrown) {
    return messageOf(thrown).split("\n");
  }
}

function eventOf(text: string, scanner: Scanner): LogEvent<Records> {
  const records = Records.ofOne(Buffer.from(text), {
    origin: { input: "test", stream: "test", metadata: {} },
    read_at_ms: systemClock.now(),
  });
  return new LogEvent(records, 0, scanner);
}

function differences(
  expect: Expectation,
  verdict: Verdict | undefined,
  event: LogEvent<Records>,
): string[] {
  const { event: value, text, filtered: _, dropped, quarantined, ...metadata } = expect;
  const reason = dropped ?? quarantined;
  const fate =
    value !== undefined || text !== undefined
      ? "kept"
      : dropped !== undefined
        ? `dropped (${reason})`
        : quarantined !== undefined
          ? `quarantined (${reason})`
          : "filtered";
  const found = fateOf(verdict);
  if (fate !== found) {
    const detail = verdict?.detail === undefined ? [] : [`because  ${verdict.detail}`];
    return [`expected ${fate}`, `found    ${found}`, ...detail];
  }
  if (verdict !== undefined) return [];
  const is_same =
    text === undefined ? isDeepStrictEqual(parsed(event.text), value) : event.text === text;
  const wanted = text ?? JSON.stringify(value);
  const lines = is_same ? [] : [`expected ${wanted}`, `found    ${event.text}`];
  const now: Record<string, unknown> = { ...event.metadata, time: event.time };
  for (const [key, each] of Object.entries(metadata)) {
    if (isDeepStrictEqual(now[key], each)) continue;
    lines.push(`expected ${key} ${JSON.stringify(each)}`);
    lines.push(`found    ${key} ${JSON.stringify(now[key]) ?? "none"}`);
  }
  return lines;
}

function fateOf(verdict: Verdict | undefined): string {
  if (verdict === undefined) return "kept";
  const { fate, reason } = verdict;
  return fate === "filtered" ? fate : `${fate} (${reason})`;
}

/** The text itself where it is not JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
