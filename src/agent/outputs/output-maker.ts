/**
 * Makes outputs of their options, at the start and later, and keeps what they share: counts go on under the same name, and
 * those that write to the same place take turns.
 */
import PQueue from "p-queue";
import type { NamedOutput } from "../../config/outputs.ts";
import { ArchiveFile } from "../../output/file/archive-file.ts";
import { BufferPools } from "../../output/batch/buffer-pool.ts";
import { Delivered, type DeliveryWatch } from "../../output/delivered.ts";
import { AckSupport } from "../../output/splunk-hec/endpoints/ack-support.ts";
import { LineOutput, waiting_bytes_max } from "../../output/lines/line-output.ts";
import { NatsOutput } from "../../output/nats/nats-output.ts";
import { endpointsOf } from "../../output/splunk-hec/options.ts";
import type { Output } from "../../output/output.ts";
import { SharedSink } from "../../output/lines/shared-sink.ts";
import { SplunkHecOutput } from "../../output/splunk-hec/splunk-hec.ts";
import type { SplunkHecDeps } from "../../output/splunk-hec/deps.ts";
import { noTotals, type Totals } from "../../output/splunk-hec/delivery/status.ts";
import { StandardOutput } from "../../output/stdout/standard-output.ts";
import type { Secret } from "../../platform/secret.ts";

/** What outputs are made with, beside their names and options. */
export type OutputMakerDeps = Pick<
  SplunkHecDeps,
  "ledger" | "quarantine" | "clock" | "log" | "random" | "connect" | "onIndexRefused"
> & {
  /** Who watches what is delivered. */
  readonly watch?: DeliveryWatch | undefined;
};

export class OutputMaker {
  readonly #deps: OutputMakerDeps;
  readonly #pools = new BufferPools();
  readonly #totals = new Map<string, Totals>();
  readonly #ack_support = new Map<string, { token: Secret; ack_support: AckSupport }>();
  readonly #delivered = new Map<string, Delivered>();
  /** By path. */
  readonly #turns = new Map<string, PQueue>();
  /** There is one, and it stays open: another file would get its number. */
  readonly #standard_output: StandardOutput;
  readonly #standard_turns = new PQueue({ concurrency: 1 });

  constructor(deps: OutputMakerDeps) {
    this.#deps = deps;
    this.#standard_output = new StandardOutput(deps.log);
  }

  make({ name, options }: NamedOutput): Output {
    const deps = { ...this.#deps, delivered: this.#deliveredBy(name) };
    switch (options.type) {
      case "splunk_hec": {
        const totals = this.#totals.get(name) ?? noTotals();
        this.#totals.set(name, totals);
        const ack_support = this.#ackSupportOf(name, options.token);
        const shared = { ...deps, pools: this.#pools };
        return new SplunkHecOutput(name, options, { ...shared, totals, ack_support });
      }
      case "file": {
        const { path, max_bytes: group_bytes } = options;
        const sink = new SharedSink(new ArchiveFile(options, deps.log), this.#turnsAt(path));
        return new LineOutput(name, { ...deps, sink, group_bytes });
      }
      case "stdout": {
        const write = this.#standard_output.write.bind(this.#standard_output);
        const kept_open = { write, close: () => Promise.resolve() };
        const sink = new SharedSink(kept_open, this.#standard_turns);
        return new LineOutput(name, { ...deps, sink });
      }
      case "nats":
        return new NatsOutput(name, options, deps);
      default:
        return options satisfies never;
    }
  }

  /** Comes after the outputs are closed. */
  async close(): Promise<void> {
    await this.#standard_output.close();
  }

  /** What is known of the token of the output of that name before it, if that is the same. */
  #ackSupportOf(name: string, token: Secret): AckSupport {
    const known = this.#ack_support.get(name);
    if (known?.token.equals(token)) return known.ack_support;
    const ack_support = new AckSupport();
    this.#ack_support.set(name, { token, ack_support });
    return ack_support;
  }

  #deliveredBy(name: string): Delivered {
    const { ledger, clock, watch } = this.#deps;
    const delivered =
      this.#delivered.get(name) ??
      new Delivered(ledger.account("delivered", name), clock, { watch, output: name });
    this.#delivered.set(name, delivered);
    return delivered;
  }

  #turnsAt(path: string): PQueue {
    const turns = this.#turns.get(path) ?? new PQueue({ concurrency: 1 });
    this.#turns.set(path, turns);
    return turns;
  }
}

/** The most that an output holds of what was read and is not settled, in bytes. */
export function heldBytesMax({ options }: NamedOutput): number {
  switch (options.type) {
    case "splunk_hec": {
      const requests_max = options.max_in_flight * endpointsOf(options).length;
      return (requests_max + 4) * options.batch.max_bytes;
    }
    case "file":
    case "stdout":
      return waiting_bytes_max;
    case "nats":
      return options.max_unconfirmed + options.batch.max_bytes;
    default:
      return options satisfies never;
  }
}
