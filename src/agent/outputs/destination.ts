/**
 * Where events go from a pipeline. Pipelines and buffers keep a destination for good, while the output behind it can be
 * replaced by another, or can go: then the destination is one more name of that which has its events from then on.
 */
import { takesPlaces, type NamedOutput } from "../../config/outputs.ts";
import type { Aside, PackedBlock, PackedBody, UnpackReason } from "../../event/block.ts";
import type { LogEvent } from "../../event/log-event.ts";
import { foreign_stream, type Place } from "../../ledger/lanes/lane.ts";
import { sumHeld, type Successor, type Output } from "../../output/output.ts";
import type { IndexCorrections } from "./index-corrections.ts";
import { heldBytesMax } from "./output-maker.ts";

export interface Destination {
  /** Takes one event; nothing of the event is needed after it. */
  add(event: LogEvent): void;
  /** As of an intake, where it can take what is packed. */
  whyUnpacked?(body: PackedBody): UnpackReason | undefined;
  pass?(block: PackedBlock): void;
  /** Whether what goes to the index is refused now, as far as it is known. */
  refuses?(index: string | undefined): boolean;
  /** As of an output. */
  room(input: string, aside?: Aside): Promise<void> | undefined;
  /** Says that `pipeline` has something for it, until it is idle. */
  begin(pipeline: object): void;
  /** Says that `pipeline` has nothing more at hand now. */
  idle(pipeline: object): void;
}

/** An output as it is configured. */
export interface CurrentOutput {
  readonly named: NamedOutput;
  readonly output: Output;
}

/** An output, and the pipelines that have had something for it since their input was last idle. */
export class OutputDestination implements Destination {
  /** The same for events that get no place, but where nothing goes without one. */
  readonly unnumbered: Destination = {
    add: (event) => this.#addAsIs(event),
    room: (input, aside) => this.room(input, aside),
    begin: (pipeline) => this.begin(pipeline),
    idle: (pipeline) => this.idle(pipeline),
  };
  /** Takes what an output that was retired has not delivered. */
  readonly successor: Successor = { add: (event) => this.#inherit(event) };
  /** The output, or the destination that has the events in its place. */
  #target: CurrentOutput | OutputDestination;
  readonly #busy = new Set<object>();
  /** Outputs that were retired, and may still hand something over to this one. */
  readonly #former = new Set<Output>();
  /** What `room` gave because they hold too much. */
  #relief: PromiseWithResolvers<void> | undefined;

  readonly #corrections: IndexCorrections;
  /** Whether its events get a place in a lane. */
  is_numbering = false;

  constructor(target: CurrentOutput, corrections: IndexCorrections) {
    this.#target = target;
    this.#corrections = corrections;
  }

  /** Undefined where another destination has the events. */
  get current(): CurrentOutput | undefined {
    return this.#target instanceof OutputDestination ? undefined : this.#target;
  }

  add(event: LogEvent): void {
    if (this.#target instanceof OutputDestination) return this.#target.add(event);
    this.#corrections.apply(event);
    const { output } = this.#target;
    // What comes from an agent keeps the place that it has there.
    if (this.is_numbering) event.place ??= placeOf(event, output.name);
    output.add(event);
  }

  whyUnpacked(body: PackedBody): UnpackReason | undefined {
    if (this.#target instanceof OutputDestination) return this.#target.whyUnpacked(body);
    if (this.is_numbering) return "places";
    if (!this.#corrections.isEmpty) return "indexes";
    const { output } = this.#target;
    return output.whyUnpacked === undefined ? "output" : output.whyUnpacked(body);
  }

  pass(block: PackedBlock): void {
    if (this.#target instanceof OutputDestination) return this.#target.pass(block);
    this.#target.output.pass!(block);
  }

  #addAsIs(event: LogEvent): void {
    if (this.#target instanceof OutputDestination) return this.#target.#addAsIs(event);
    this.#corrections.apply(event);
    const { named, output } = this.#target;
    if (takesPlaces(named)) event.place ??= placeOf(event, output.name);
    output.add(event);
  }

  refuses(index: string | undefined): boolean {
    if (this.#target instanceof OutputDestination) return this.#target.refuses(index);
    return this.#target.output.refused_indexes?.includes(index) === true;
  }

  room(input: string, aside?: Aside): Promise<void> | undefined {
    if (this.#target instanceof OutputDestination) return this.#target.room(input, aside);
    const { named, output } = this.#target;
    return output.room(input, aside) ?? this.#roomBeside(named);
  }

  begin(pipeline: object): void {
    this.#busy.add(pipeline);
    if (this.#target instanceof OutputDestination) this.#target.begin(this);
  }

  idle(pipeline: object): void {
    this.#busy.delete(pipeline);
    if (this.#busy.size > 0) return;
    if (this.#target instanceof OutputDestination) this.#target.idle(this);
    else this.#target.output.idle();
  }

  /** Has another target take the events from now on. */
  turnTo(target: CurrentOutput | OutputDestination): void {
    if (this.#target instanceof OutputDestination) this.#target.idle(this);
    this.#target = target;
    if (target instanceof OutputDestination && this.#busy.size > 0) target.begin(this);
    this.#relieve();
  }

  /** Notes an output that was retired, and resolves when that has finished. */
  async follow(former: Output, through: Promise<void>): Promise<void> {
    this.#former.add(former);
    await through;
    this.#former.delete(former);
    this.#relieve();
  }

  #inherit(event: LogEvent): void {
    if (this.#target instanceof OutputDestination) return this.#target.successor.add(event);
    this.#corrections.apply(event);
    const { named, output } = this.#target;
    // It keeps its place, where places are sent.
    if (!this.is_numbering && event.place?.lane.stream !== foreign_stream) event.place = undefined;
    if (takesPlaces(named)) event.place ??= placeBeside(event, output.name);
    output.inherit(event);
  }

  /** However many outputs follow one another in an outage, those before hold no more than one of them may. */
  #roomBeside(named: NamedOutput): Promise<void> | undefined {
    if (this.#former.size === 0) return undefined;
    const former = [...this.#former];
    const acknowledged_bytes_max = Math.max(...former.map(({ held_bytes_max }) => held_bytes_max));
    const { bytes } = sumHeld(former.map(({ held }) => held));
    if (bytes < heldBytesMax(named) + acknowledged_bytes_max) return undefined;
    return (this.#relief ??= Promise.withResolvers()).promise;
  }

  #relieve(): void {
    this.#relief?.resolve();
    this.#relief = undefined;
  }
}

/**
 * In a lane of its own: the events of an output before this one come in no order, and behind those that were read after them. The
 * epoch does not go on over a crash before all of them are settled, as their blocks were opened by a former configuration.
 */
function placeBeside({ block, metadata }: LogEvent, output: string): Place | undefined {
  // No index has a blank in its name.
  const index = `${metadata.index ?? ""} handed over`;
  return block.receipt.place(output, index, block.origin.stream);
}

function placeOf({ block, metadata }: LogEvent, output: string): Place | undefined {
  return block.receipt.place(output, metadata.index, block.origin.stream);
}
