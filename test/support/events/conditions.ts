/** Conditions compiled as in a chain, and what they say of one record. */
import type { ConditionContext } from "../../../src/chain/conditions/condition-context.ts";
import { compileCondition } from "../../../src/chain/conditions/condition.ts";
import { FileLists } from "../../../src/chain/lists/file-lists.ts";
import { PathPool } from "../../../src/chain/path-pool.ts";
import type { LogEvent } from "../../../src/event/log-event.ts";
import { Scanner } from "../../../src/event/scanner.ts";
import { systemClock } from "../../../src/platform/clock.ts";
import { silentLogger } from "../../../src/platform/log.ts";
import { makeEvent } from "./chains.ts";

export interface CompiledCondition {
  /** What is likely not meant so: "OFFSET: MESSAGE". */
  readonly notes: readonly string[];
  readonly holds: (record: string | Buffer, prepare?: (event: LogEvent) => void) => boolean;
}

/** Compiles the condition. Lists are read from `folder`, and not looked at again. */
export function compiledCondition(
  expression: string,
  {
    clock = systemClock,
    folder = "/",
  }: { clock?: ConditionContext["clock"]; folder?: string } = {},
): CompiledCondition {
  const paths = new PathPool();
  const notes: string[] = [];
  const condition = compileCondition(expression, {
    clock,
    lists: new FileLists({ folder, clock: systemClock, log: silentLogger }),
    path: (text) => paths.path(text),
    note: ({ message, position }) => notes.push(`${position}: ${message}`),
  });
  const scanner = new Scanner(paths.all());
  return {
    notes,
    holds: (record, prepare = () => undefined) => {
      const event = makeEvent(record, scanner);
      prepare(event);
      return condition(event);
    },
  };
}
