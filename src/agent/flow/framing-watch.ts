/**
 * Watches the first events of an input: where none of them can be read, its framing is wrong, most likely, and the log says
 * so at once instead of a full quarantine later.
 */
import { isJournaled } from "../../config/inputs.ts";
import { reasons } from "../../chain/plugins/failure.ts";
import type { Records } from "../../event/block.ts";
import type { Verdict } from "../../event/event.ts";
import { framerOf } from "../../inputs/framing-option.ts";
import { framings } from "../../inputs/framing/framings.ts";
import { type Misfit, misfitOf, whatToDo } from "../../inputs/framing/fitting.ts";
import { isForDatagrams } from "../../inputs/socket/options.ts";
import type { Logger } from "../../platform/log.ts";
import type { CompiledInput } from "../setup/compile.ts";

/** So many unreadable events are none by chance. */
const events_min = 5;

/** So many of the first datagrams are looked at. */
const datagrams_max = 16;

/** What a stream may begin with that is no part of it. */
const byte_order_mark_bytes = 3;

/** How the reason begins of an event that a step cannot read. */
const unreadable = reasons.unreadable("");

export class FramingWatch {
  readonly #input: Pick<CompiledInput, "name" | "options">;
  readonly #log: Logger;
  #events = 0;

  constructor(input: Pick<CompiledInput, "name" | "options">, log: Logger) {
    this.#input = input;
    this.#log = log;
  }

  /** Looks at events of which so many cannot be read; false when there is nothing more to watch for. */
  look(records: Records, unread: number): boolean {
    const is_first = this.#events === 0;
    this.#events += records.count;
    const { name: input } = this.#input;
    const misfit = is_first ? this.#misfitOf(records, unread) : undefined;
    if (misfit !== undefined) {
      const { fitting, seen } = misfit;
      const facts = { input, ...(fitting !== undefined && { fitting }) };
      this.#log.warn("stream_framing_unfit", facts, `What comes in ${seen}. ${whatToDo(misfit)}`);
      return false;
    }
    if (unread < records.count) return false;
    if (this.#events < events_min) return true;
    this.#log.warn(
      "events_unreadable",
      { input, events: this.#events },
      "None of the first events of the input can be read. Its framing is wrong, most likely.",
    );
    return false;
  }

  /** Of a stream, at its beginning. A file is looked at where it is read. */
  #misfitOf(records: Records, unread: number): Misfit | undefined {
    const { options } = this.#input;
    if (!isJournaled(options) || options.type === "hec") return undefined;
    if (isForDatagrams(options)) return unread > 0 ? misfitOfDatagrams(records) : undefined;
    const { bytes, offset, offsets } = records;
    // The bytes are not those that came in.
    if (offsets !== undefined) return undefined;
    if (offset > byte_order_mark_bytes) return undefined;
    return misfitOf(bytes, framerOf(options.framing, "stream"), "stream");
  }
}

/**
 * A datagram is one record, whatever the framing: only what is before its JSON can be taken off. It is not mentioned where steps
 * take it as text, in which they mask more than by path.
 */
function misfitOfDatagrams({ bytes, starts, ends, count }: Records): Misfit | undefined {
  const lines = Array.from(
    { length: Math.min(count, datagrams_max) },
    (_, number) => `${bytes.toString("latin1", starts[number], ends[number])}\n`,
  );
  const fit = framings.syslog.fits!(lines.join(""), "stream");
  return fit && { fitting: fit.write, seen: fit.seen };
}

/** Whether an event ended since it is no record, as `known` says, or since it is no JSON and a step has to read it. */
export function isUnread(verdict: Verdict, known: Verdict | undefined): boolean {
  return verdict === known || verdict.reason.startsWith(unreadable);
}
