/**
 * Watches the first events of an input: where none of them can be read, its framing is wrong, most likely, and the log says
 * so at once instead of a full quarantine later.
 */
import { reasons } from "../../chain/plugins/failure.ts";
import type { Records } from "../../event/block.ts";
import type { Verdict } from "../../event/event.ts";
import { framerOf } from "../../inputs/framing-option.ts";
import { type Misfit, misfitOf, whatToDo } from "../../inputs/framing/fitting.ts";
import { isForDatagrams } from "../../inputs/socket/options.ts";
import type { Logger } from "../../platform/log.ts";
import type { CompiledInput } from "../setup/compile.ts";

/** So many unreadable events are none by chance. */
const events_min = 5;

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
    const misfit = is_first ? this.#misfitOf(records) : undefined;
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
  #misfitOf({ bytes, offset, offsets }: Records): Misfit | undefined {
    const { options } = this.#input;
    if (options.type === "file" || options.type === "hec") return undefined;
    // They have no framing that could be another.
    if (isForDatagrams(options)) return undefined;
    // The bytes are not those that came in.
    if (offsets !== undefined) return undefined;
    if (offset > byte_order_mark_bytes) return undefined;
    return misfitOf(bytes, framerOf(options.framing, "stream"), "stream");
  }
}

/** Whether an event ended since it is no record, as `known` says, or since it is no JSON and a step has to read it. */
export function isUnread(verdict: Verdict, known: Verdict | undefined): boolean {
  return verdict === known || verdict.reason.startsWith(unreadable);
}
