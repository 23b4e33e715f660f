/**
 * What tallyman sends about itself, made by the code that makes it: every kind of lifecycle event, every kind of gap, the
 * doctor's test event, and the indexed fields of events that are not whole.
 */
import { textOf, type LifecycleEvent } from "../../../src/agent/lifecycle/events.ts";
import { Heartbeat, type Vitals } from "../../../src/agent/lifecycle/heartbeat.ts";
import { Lifecycle } from "../../../src/agent/lifecycle/lifecycle.ts";
import { OutputWatch } from "../../../src/agent/lifecycle/output-watch.ts";
import { GapReporter } from "../../../src/agent/sources/gap-reporter.ts";
import { SilenceWatch } from "../../../src/agent/sources/silence-watch.ts";
import { checkEvent } from "../../../src/doctor/checks/check-events.ts";
import { Collector } from "../../../src/doctor/checks/collector.ts";
import type { Block } from "../../../src/event/block.ts";
import { unfinished } from "../../../src/inputs/framing/contract/found.ts";
import { cut_group } from "../../../src/inputs/framing/multiline/rule.ts";
import { Ledger } from "../../../src/ledger/ledger.ts";
import { EventEncoder } from "../../../src/output/batch/envelope.ts";
import type { OutputState } from "../../../src/output/output.ts";
import { bookRemoved } from "../../../src/output/quarantine/extract.ts";
import type { HecRequest, Outcome } from "../../../src/output/splunk-hec/endpoints/hec-client.ts";
import { splunkHecOptions } from "../../../src/output/splunk-hec/options.ts";
import { systemClock } from "../../../src/platform/clock.ts";
import { Secret } from "../../../src/platform/secret.ts";
import { CollectedLog } from "../collected-log.ts";
import { place_fields, signature_field } from "../../../src/proof/format/place.ts";
import { readEnvelopes } from "../events/envelopes.ts";
import { ModelAgent } from "../proof/model-agent.ts";
import { makeEvents } from "../events/events.ts";
import { ManualClock } from "../clocks/manual-clock.ts";

/** The events of one sourcetype, as Splunk shows them. */
export class Kind {
  /** Fields, those of objects with a dot. */
  readonly fields = new Set<string>();
  /** `field "text"`, of fields that hold text. */
  readonly values = new Set<string>();
  readonly texts: string[] = [];

  add(text: string): void {
    this.texts.push(text);
    this.#note("", JSON.parse(text));
  }

  #note(name: string, value: unknown): void {
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      for (const [key, each] of Object.entries(value))
        this.#note(name === "" ? key : `${name}.${key}`, each);
      return;
    }
    this.fields.add(name);
    if (typeof value === "string") this.values.add(`${name} ${JSON.stringify(value)}`);
  }
}

/** All of them, by sourcetype. `directory` is for the journal of the lifecycle. */
export async function ownEvents(directory: string): Promise<Map<string, Kind>> {
  const kinds = new Map<string, Kind>();
  const take = (sourcetype: string, text: string): void => {
    const kind = kinds.get(sourcetype) ?? new Kind();
    kinds.set(sourcetype, kind);
    kind.add(text);
  };
  const accept = ({ bytes, starts, ends, count, known, receipt }: Block): undefined => {
    for (let at = 0; at < count; at += 1)
      take(known![at]!.metadata!.sourcetype!, bytes.toString("utf8", starts[at], ends[at]));
    receipt.settle(0, count);
  };
  await runLives(directory, accept);
  for (const event of watched()) {
    take(
      "tallyman:lifecycle",
      textOf(event, { config: "/etc/tallyman/config.yaml", digest: "d" }, 0),
    );
  }
  const beat = new Heartbeat(0).due(300_000, vitals, 300_000)!;
  const run = { config: "/etc/tallyman/config.yaml", digest: "d" };
  take("tallyman:heartbeat", textOf(beat, run, 0));
  await reportGaps(accept);
  const { sourcetype, event } = await testEvent();
  take(sourcetype, JSON.stringify(event));
  for (const seal of seals()) take("tallyman:seal", seal);
  return kinds;
}

/** Of some hours, with all that a seal can say. */
function seals(): string[] {
  const agent = new ModelAgent({ seed: 1 });
  agent.live(5);
  return agent.seals.map((row) => row["_raw"]!);
}

/** A first run, one whose end is not recorded, as after a kill, and those after each. */
async function runLives(directory: string, accept: (block: Block) => undefined): Promise<void> {
  const config = {
    state_dir: directory,
    file: "/etc/tallyman/config.yaml",
    lifecycle: { enabled: true, heartbeat: false as const },
  };
  const killed: Lifecycle[] = [];
  for (const ends of [true, false, true]) {
    const ledger = new Ledger();
    ledger.account("delivered", "splunk");
    const lifecycle = new Lifecycle({
      config,
      digest: "d",
      ledger,
      clock: systemClock,
      log: new CollectedLog(),
      intake: { accept, idle: () => undefined },
      outputs: () => new Map(),
      silences: () => [],
      vitals,
    });
    await lifecycle.start();
    await lifecycle.started();
    await lifecycle.refused({ error: { code: "config_invalid", summary: "line 3" } });
    await lifecycle.reloaded(config, "e");
    if (ends) await lifecycle.stops("SIGTERM");
    await lifecycle.stop();
    if (ends) await lifecycle.close();
    else killed.push(lifecycle);
  }
  // Its files are closed when nobody looks any more at how it ended.
  for (const lifecycle of killed) await lifecycle.close();
}

const vitals = (): Vitals => ({
  books: new Ledger().books(),
  outputs: new Map(),
  silent_inputs: 0,
  lag_bytes: 0,
  lag_seconds: 0,
});

/** What is seen of outputs and inputs. */
function* watched(): Generator<LifecycleEvent> {
  const clock = new ManualClock();
  const outputs = new OutputWatch();
  for (const state of ["paused", "sending"] satisfies OutputState[]) {
    const condition = { state, reason: "unreachable", since: undefined };
    yield* outputs.look(new Map([["splunk", condition]]), clock.now(), clock.monotonic());
  }
  const silence = new SilenceWatch(clock, new CollectedLog());
  for (const events of [0, 0, 1]) {
    silence.look([{ name: "audit", expect_every: 1000, events, isHeld: () => false }]);
    clock.pass(2000);
  }
  yield* silence.take();
}

async function reportGaps(accept: (block: Block) => undefined): Promise<void> {
  const ledger = new Ledger();
  ledger.book("audit", ledger.account("dropped", "journal_full"), 3, 0);
  ledger.lose("audit", "truncated", 70);
  for (const reason of ["quarantine_full", "quarantine_purged"] as const)
    bookRemoved(ledger, reason, { events_by_input: { audit: 2 } });
  const intake = { accept, room: () => undefined, idle: () => undefined };
  const indexOf = (): undefined => undefined;
  const reporter = new GapReporter({ ledger, clock: new ManualClock(), intake, indexOf });
  await reporter.start();
  await reporter.stop();
}

/** What the doctor sends, to a collector that nobody reaches. */
async function testEvent(): Promise<{ sourcetype: string; event: unknown }> {
  let body = Buffer.alloc(0);
  const request = async (sent: HecRequest): Promise<Outcome> => {
    body = Buffer.from(sent.body!);
    return { failure: { code: "ECONNREFUSED", message: "refused" } };
  };
  const client = { request, close: async () => undefined };
  const clock = new ManualClock();
  const token = new Secret("t".repeat(36));
  const collector = new Collector({ client, token, ignores_acks: false, clock });
  const url = "https://splunk.example:8088";
  const options = splunkHecOptions.parse({ url, token: token.reveal(), compression: "none" });
  await checkEvent(collector, { index: "audit", inputs: ["audit"] }, { url, options, clock });
  return JSON.parse(body.toString()) as { sourcetype: string; event: unknown };
}

/** The indexed fields of events of which not all was shipped. */
export function indexedFields(): Set<string> {
  const truncations = new Map([[0, { original_bytes: 9_000_000, original_sha256: "ab12" }]]);
  const [event] = makeEvents(new Ledger(), ['{"cut":"of'], { truncations });
  const encoder = new EventEncoder();
  const target = Buffer.alloc(encoder.sizeMax(event!));
  const end = encoder.encode(event!, target, 0);
  const [envelope] = readEnvelopes(target.subarray(0, end)).events;
  const fields = [envelope!.fields, unfinished.fields, cut_group.fields];
  const own = fields.flatMap((each) => Object.keys(each ?? {}));
  return new Set([...own, ...Object.values(place_fields), signature_field]);
}
