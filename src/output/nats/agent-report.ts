/** What an agent says of its books: how far each lane is that goes to one output. */
import { endedOf } from "../../ledger/lanes/ended-lanes.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import type { Clock } from "../../platform/clock.ts";
import type { AgentReport } from "../../platform/nats/books/report.ts";
import { machineName, runId } from "../../platform/process/machine-name.ts";

export interface AgentReportFacts {
  readonly ledger: Ledger;
  readonly output: string;
  readonly agent: string;
  readonly confirm: AgentReport["confirm"];
  readonly clock: Clock;
}

export function agentReport(facts: AgentReportFacts): AgentReport {
  const { ledger, output, agent, confirm, clock } = facts;
  const lanes = ledger.streams().flatMap((stream) =>
    stream.laneCounts().flatMap((counts) => {
      const { name: lane, source, given, committed, undelivered } = counts;
      // Of a former epoch none is left where nothing was given.
      if (counts.output !== output || given === 0) return [];
      return [{ lane, source, given, committed, undelivered }];
    }),
  );
  return {
    role: "agent",
    id: agent,
    name: machineName(),
    instance: runId(),
    of: output,
    at: new Date(clock.now()).toISOString(),
    confirm,
    lanes,
    ended: endedOf(ledger.kept, output),
  };
}
