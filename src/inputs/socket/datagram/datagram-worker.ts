/**
 * The thread that reads a datagram socket: a program of its own, which Node starts as a worker.
 *
 * It waits for datagrams without a timer that would be felt: a sender never waits for a reader that sleeps, and an idle one
 * looks a few times a second whether it is to end, as nothing else ends a wait. While a batch is on its way into the journal
 * what comes in is gathered, so that the next delivery is a large one.
 */
import { parentPort, workerData } from "node:worker_threads";
import { ReadableWait } from "../../../platform/sockets/readable-wait.ts";
import { order, order_at, taken_at, type ReaderMessage, type ReaderOrders } from "./batch.ts";
import { GatheredDatagrams } from "./gathered-datagrams.ts";

/** Batches that are given and not taken. */
const given_max = 2;
const wait_ms_min = 1;
/** How long an idle thread goes without a look at its orders. */
const wait_ms_max = 250;

/** Reads until it is ordered to end. Throws where the descriptor cannot be read. */
function read({ fd, control }: ReaderOrders): void {
  const gathered = new GatheredDatagrams();
  const readable = new ReadableWait(fd);
  // Where that does not work, it is said before anything counts on it; and from here on the descriptor does not block.
  readable.wait(0);
  say({ kind: "ready" });
  try {
    readInto(gathered, { fd, control, readable });
  } finally {
    if (!gathered.is_empty) give(gathered);
  }
  say({ kind: "ended" });
}

function readInto(
  gathered: GatheredDatagrams,
  { fd, control, readable }: ReaderOrders & { readable: ReadableWait },
): void {
  let given = 0;
  let wait_ms = wait_ms_min;
  // To read where nothing is there costs more than to wait for it: Node makes an error of it.
  let may_be_there = true;
  for (;;) {
    const ordered = Atomics.load(control, order_at);
    if (ordered === order.stop) return;
    const had_room = !gathered.is_full;
    const count = may_be_there || ordered === order.drain ? gathered.fill(fd) : 0;
    if (ordered === order.drain && had_room && count === 0) return;
    if (count > 0) wait_ms = wait_ms_min;
    may_be_there = true;
    const taken = Atomics.load(control, taken_at);
    if (!gathered.is_empty && mayGive(gathered, given - taken)) {
      give(gathered);
      given += 1;
    } else if (gathered.is_full) Atomics.wait(control, taken_at, taken, wait_ms_max);
    else if (gathered.is_empty) may_be_there = readable.wait(wait_ms_max);
    else {
      // It goes on its way when the one before is taken, which ends no wait here; so the waits are short at first.
      may_be_there = readable.wait(wait_ms);
      wait_ms = Math.min(2 * wait_ms, wait_ms_max);
    }
  }
}

function mayGive({ is_full }: GatheredDatagrams, untaken: number): boolean {
  return untaken === 0 || (is_full && untaken < given_max);
}

function give(gathered: GatheredDatagrams): void {
  const { bytes, ends } = gathered.take();
  say({ kind: "batch", bytes, ends }, [bytes, ends.buffer]);
}

function say(message: ReaderMessage, transfer: ArrayBuffer[] = []): void {
  parentPort!.postMessage(message, transfer);
}

read(workerData as ReaderOrders);
