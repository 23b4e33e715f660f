/**
 * The datagram mode of the socket input: each datagram of a UNIX datagram socket is one record.
 *
 * Nothing is answered to a sender, ever. While the journal takes nothing the socket is not read, and senders wait, or get
 * an error from the kernel: it drops no datagram of a UNIX socket by itself.
 */
import type { Origin, OriginOptions, Records } from "../../../event/block.ts";
import type { Ledger } from "../../../ledger/ledger.ts";
import type { Clock } from "../../../platform/clock.ts";
import type { Logger } from "../../../platform/log.ts";
import { atMost, untilAborted } from "../../../platform/patience.ts";
import type {
  InheritedListener,
  InheritedSockets,
} from "../../../platform/sockets/inherited-listener.ts";
import { takenOffBy } from "../../framing-option.ts";
import type { TakeHeader } from "../../framing/contract/framing.ts";
import type { InputCondition, JournaledInput, JournaledIntake } from "../../input.ts";
import { loseStopped } from "../../lines/unread.ts";
import type { SocketInputOptions } from "../options.ts";
import { datagram_bytes_max } from "./batch.ts";
import { openDatagramSocket, readerOf, type DatagramSocket } from "./datagram-socket.ts";
import type { DatagramReader } from "./datagram-reader.ts";
import { recordsOf } from "./datagram-records.ts";

/** How long a stop goes on to read from senders that go on to send. */
const drain_ms_max = 1000;
/** How long a stop waits for the intake to accept what was read. */
const stop_wait_ms_max = 2000;
/** Pause before a delivery is tried again that was refused although there seemed to be room. */
const retry_wait_ms = 100;
/** Pause before a socket is read again that could not be read. */
const reopen_wait_ms = 10_000;

export interface DatagramInputServices {
  readonly ledger: Pick<Ledger, "lose">;
  readonly clock: Clock;
  readonly log: Logger;
  /** What all events have in common; the source is the socket's path where it names none. */
  readonly origin: Omit<Origin, "stream">;
  /** What systemd handed over. */
  readonly inherited: InheritedSockets;
  /** What the input of this name has left that has received so far. */
  readonly handed?: HandedDatagrams | undefined;
}

/** A socket that is read on, with what was read of it and not accepted. */
export interface HandedDatagrams {
  readonly socket: DatagramSocket;
  readonly reader: DatagramReader;
  /** Resolves when the one who has read so far delivers nothing more. */
  readonly released: Promise<void>;
}

interface Running {
  readonly socket: DatagramSocket;
  reader: DatagramReader;
  readonly intake: JournaledIntake;
  /** Aborted when the input is to deliver nothing more. */
  readonly release: AbortController;
  is_stopping: boolean;
  delivered: Promise<void>;
}

export class DatagramInput implements JournaledInput {
  readonly name: string;
  readonly #options: SocketInputOptions;
  readonly #services: DatagramInputServices;
  readonly #take: TakeHeader | undefined;
  #origin: Origin;
  /** What was handed over, and is not read yet. */
  #untaken: HandedDatagrams | undefined;
  #running: Running | undefined;

  constructor(name: string, options: SocketInputOptions, services: DatagramInputServices) {
    this.name = name;
    this.#options = options;
    this.#services = services;
    this.#untaken = services.handed;
    this.#take = takenOffBy(options.framing)?.take;
    this.#origin = this.#originOf(services.origin);
  }

  /** Throws TallymanError socket_unavailable. */
  async start(intake: JournaledIntake): Promise<void> {
    const { inherited, log } = this.#services;
    const { path } = this.#options;
    const listener = inherited.find(this.name, path);
    // What is read of another socket is kept before this one is opened.
    if (this.#untaken !== undefined && this.#untaken.socket.listener !== listener) {
      await this.#finish(this.#run(this.#takeUntaken()!, intake));
    }
    const taken = this.#takeUntaken() ?? (await this.#open(listener));
    const running = this.#run(taken, intake);
    this.#running = running;
    const place = { path: running.socket.path, from_systemd: true, mode: "datagram" };
    log.info("socket_listening", { input: this.name, ...place }, "Listening.");
  }

  describe(origin: OriginOptions): void {
    this.#origin = this.#originOf(origin);
  }

  status(): InputCondition {
    return {
      type: "socket",
      socket_mode: "datagram",
      listens_on: this.#options.path,
      socket_path: this.#running?.socket.path,
    };
  }

  async stop(): Promise<void> {
    const untaken = this.#takeUntaken();
    if (untaken !== undefined) await this.#abandon(untaken);
    const running = this.#running;
    this.#running = undefined;
    if (running !== undefined) await this.#finish(running);
  }

  /**
   * Stops, and gives the socket, that is read all the time, with what of it is not kept: the next input of this name goes
   * on with it. Also after a start that failed.
   */
  handOver(): HandedDatagrams | undefined {
    const running = this.#running;
    this.#running = undefined;
    if (running === undefined) return this.#takeUntaken();
    running.release.abort();
    const { socket, reader, delivered } = running;
    return { socket, reader, released: delivered };
  }

  async #open(listener: InheritedListener | undefined): Promise<HandedDatagrams> {
    const { path } = this.#options;
    const socket = openDatagramSocket(listener, path);
    try {
      const reader = await readerOf(socket, path, this.#services.clock);
      return { socket, reader, released: Promise.resolve() };
    } catch (cause) {
      socket.close();
      throw cause;
    }
  }

  #takeUntaken(): HandedDatagrams | undefined {
    const untaken = this.#untaken;
    this.#untaken = undefined;
    return untaken;
  }

  #run({ socket, reader, released }: HandedDatagrams, intake: JournaledIntake): Running {
    const release = new AbortController();
    const delivered = Promise.resolve();
    const running = { socket, reader, intake, release, is_stopping: false, delivered };
    running.delivered = released.then(() => this.#deliver(running));
    return running;
  }

  /** Delivers until the input stops, whatever happens to the thread that reads. Never rejects. */
  async #deliver(running: Running): Promise<void> {
    const { clock, log } = this.#services;
    const { socket, release } = running;
    const isOver = (): boolean => running.is_stopping || release.signal.aborted;
    for (;;) {
      await this.#deliverBatches(running);
      if (isOver()) return;
      const cause = await running.reader.ended;
      const message = "A datagram socket cannot be read. It is tried again in ten seconds.";
      log.error("datagrams_unreadable", { input: this.name, path: socket.path, cause }, message);
      await clock.sleep(reopen_wait_ms, release.signal);
      if (isOver()) return;
      const reader = await readerOf(socket, this.#options.path, clock).catch(() => undefined);
      if (reader === undefined) continue;
      if (isOver()) return this.#giveUp(reader);
      running.reader = reader;
    }
  }

  /** Until the reader has ended, or the input lets go of it. */
  async #deliverBatches({ reader, intake, release }: Running): Promise<void> {
    for (;;) {
      const batch = await reader.next(release.signal);
      if (batch === undefined) return;
      const { records, overlong } = recordsOf(batch, {
        origin: this.#origin,
        event_bytes_max: this.#options.max_event_bytes,
        offset: reader.taken_bytes,
        take: this.#take,
      });
      if (overlong > 0) this.#reportOverlong(overlong);
      if (records !== undefined && !(await this.#keep(records, intake, release.signal))) return;
      reader.taken();
    }
  }

  /** Tries until the intake accepts; false where that is given up. */
  async #keep(records: Records, intake: JournaledIntake, given_up: AbortSignal): Promise<boolean> {
    const { clock } = this.#services;
    let wait_ms = 0;
    for (; (await intake.accept(records)) !== "accepted"; wait_ms = retry_wait_ms) {
      await untilAborted(intake.room() ?? Promise.resolve(), given_up);
      await clock.sleep(wait_ms, given_up);
      if (given_up.aborted) return false;
    }
    return true;
  }

  /** Reads what is there, has it accepted, as far as time allows, and lets go of the socket. */
  async #finish(running: Running): Promise<void> {
    const { clock } = this.#services;
    const { reader, intake, release, socket } = running;
    running.is_stopping = true;
    // What is not read stays in the socket where systemd keeps it.
    if (intake.room() === undefined) reader.drain();
    else reader.stop();
    await atMost(reader.ended, drain_ms_max, clock);
    reader.stop();
    await atMost(Promise.all([reader.ended, running.delivered]), stop_wait_ms_max, clock);
    release.abort();
    await this.#giveUp(running.reader);
    socket.close();
  }

  /** Gives up what nobody goes on with. */
  async #abandon({ socket, reader, released }: HandedDatagrams): Promise<void> {
    await atMost(released, stop_wait_ms_max, this.#services.clock);
    await this.#giveUp(reader);
    socket.close();
  }

  /** Ends a thread, and books what it has read and nobody takes. */
  async #giveUp(reader: DatagramReader): Promise<void> {
    const { clock, log, ledger } = this.#services;
    reader.stop();
    await atMost(reader.ended, stop_wait_ms_max, clock);
    loseStopped(this.name, reader.untaken_bytes, ledger, log);
  }

  #reportOverlong(datagrams: number): void {
    this.#services.log.warn(
      "datagrams_overlong",
      { input: this.name, datagrams, bytes: datagram_bytes_max },
      "Datagrams were longer than can be read. What came after their first bytes is lost, and their length is not known.",
    );
  }

  #originOf({ metadata, time }: OriginOptions): Origin {
    const { path } = this.#options;
    return { input: this.name, stream: path, metadata: { source: path, ...metadata }, time };
  }
}
