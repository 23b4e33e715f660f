/**
 * The thread that redacts large events: it has the redact steps of chains, and puts each event that comes through one of them.
 *
 * Events are answered in the order in which they came, and whatever is wrong with one is part of its answer.
 */
import { parentPort } from "node:worker_threads";
import { Records } from "../../event/block.ts";
import { UnreadableError, Verdict } from "../../event/event.ts";
import { LogEvent } from "../../event/log-event.ts";
import { silentLogger } from "../../platform/log.ts";
import type { Plugin } from "../../plugin.ts";
import type { Chain } from "../chain.ts";
import { compileChain } from "../compile.ts";
import type {
  ChainOrders,
  EventAnswer,
  EventOrders,
  OwnSecrets,
  ThreadMessage,
} from "../large-events/orders.ts";
import { loadPlugins } from "../plugins/load-plugins.ts";
import { redact_plugin } from "../redaction/step-id.ts";
import type { Step } from "../step.ts";

/** Takes what comes, and answers it. */
class Thread {
  readonly #chains = new Map<number, Promise<Chain>>();
  /** Resolves when all that came so far is answered. */
  #done: Promise<void> = Promise.resolve();

  take(message: ThreadMessage): void {
    if (message.kind === "event") {
      this.#done = this.#done.then(() => this.#answer(message.chain, message.event));
      return;
    }
    const compiling = compile(message.orders);
    // Who is given an event for it says so.
    compiling.catch(() => undefined);
    this.#chains.set(message.chain, compiling);
  }

  async #answer(chain: number, orders: EventOrders): Promise<void> {
    let said: EventAnswer = { kind: "failed", patterns: [], paths: [] };
    try {
      said = redacted(await this.#chains.get(chain)!, orders);
    } catch {
      // The step has failed.
    }
    const { record } = said;
    parentPort!.postMessage(said, record === undefined ? [] : [record.buffer]);
  }
}

async function compile({ steps, declared, folder }: ChainOrders): Promise<Chain> {
  const built_in = await loadPlugins(undefined, { used: new Set([redact_plugin]) });
  const { file, sha256, imports } = built_in.get(redact_plugin)!;
  const declaring = { plugin: declares(declared), file, sha256, imports, built_in: true };
  const plugins = new Map([...built_in, ["declares", declaring]]);
  const all = [...steps, { name: "declares", on_error: "quarantine" as const, declares: {} }];
  return compileChain(all as Parameters<typeof compileChain>[0], plugins, {
    log: silentLogger,
    folder,
  });
}

/** A step that does nothing but declare secrets. */
function declares(all: readonly OwnSecrets[]): Plugin {
  return {
    name: "declares",
    create(_, context) {
      for (const { paths, replacement } of all) {
        const own = paths.flatMap(({ text, globs, ...options }) => {
          return globs === undefined ? [context.path(text, options)] : context.keys(globs, options);
        });
        context.secrets(own, replacement);
      }
      return (event) => event;
    },
  };
}

function redacted(chain: Chain, { record, metadata, step: number }: EventOrders): EventAnswer {
  const step = (chain.steps as readonly Step[])[number]!;
  const records = Records.ofOne(Buffer.from(record.buffer), {
    origin: { input: "", stream: "", metadata },
    read_at_ms: 0,
  });
  const event = new LogEvent(records, 0, chain.scanner);
  const { changes } = event;
  const before = { patterns: [], paths: [] };
  let end: unknown;
  try {
    end = step.handle(event);
    event.commit();
  } catch (thrown) {
    return { kind: thrown instanceof UnreadableError ? "unreadable" : "failed", ...before };
  }
  const found = {
    patterns: [...step.patterns.found],
    paths: step.secret_paths.filter((path) => chain.scanner.hasFound(path)).map(({ key }) => key),
  };
  const { metadata: left } = event;
  if (end instanceof Verdict) {
    const { fate, reason, detail } = end;
    return { kind: "ended", end: { fate, reason, detail }, metadata: left, ...found };
  }
  if (event.changes === changes) return { kind: "kept", metadata: left, ...found };
  const changed = new Uint8Array(event.byteLength);
  event.copyTo(Buffer.from(changed.buffer), 0);
  return { kind: "kept", record: changed, metadata: left, ...found };
}

const thread = new Thread();
parentPort!.on("message", (message: ThreadMessage) => thread.take(message));
