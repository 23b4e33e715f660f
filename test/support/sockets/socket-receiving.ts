/** A socket input at work on a real socket, what it delivered, and clients for it. */
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { z } from "zod";
import { socketInputShape } from "../../../src/inputs/socket/options.ts";
import { SocketInput, type SocketInputServices } from "../../../src/inputs/socket/socket-input.ts";
import { Ledger } from "../../../src/ledger/ledger.ts";
import { systemClock } from "../../../src/platform/clock.ts";
import { InheritedSockets } from "../../../src/platform/sockets/inherited-listener.ts";
import { CollectedLog } from "../collected-log.ts";
import { eventually } from "../eventually.ts";
import { MemoryIntake } from "../events/memory-intake.ts";
import { temporaryDirectory } from "../temporary.ts";

export const socketOptions = z.strictObject(socketInputShape());

export type ReceivingServices = Partial<SocketInputServices> & { ledger?: Ledger };

export class SocketReceiving extends MemoryIntake {
  readonly log = new CollectedLog();
  readonly ledger: Ledger;
  readonly path: string;
  readonly input: SocketInput;

  constructor(options: object, services: ReceivingServices) {
    super();
    this.ledger = services.ledger ?? new Ledger();
    const parsed = socketOptions.parse({
      type: "socket",
      path: join(temporaryDirectory(), "audit.sock"),
      ...options,
    });
    this.path = parsed.path;
    this.input = new SocketInput("apps", parsed, {
      ledger: this.ledger,
      clock: systemClock,
      log: this.log,
      inherited: new InheritedSockets(this.log),
      origin: { input: "apps", metadata: { host: "here" } },
      ...services,
    });
  }

  async received(count: number): Promise<void> {
    await eventually(() => this.count >= count);
  }
}

/** Receives until the running test is over. */
export async function receive(
  options: object = {},
  services: ReceivingServices = {},
): Promise<SocketReceiving> {
  const receiving = new SocketReceiving(options, services);
  onTestFinished(() => receiving.input.stop());
  await receiving.input.start(receiving);
  return receiving;
}

/** A connected client. Its errors are the test's to look at. */
export function client(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path, allowHalfOpen: true }, () => {
      socket.off("error", reject);
      socket.on("error", () => undefined);
      resolve(socket);
    });
    socket.once("error", reject);
    onTestFinished(() => void socket.destroy());
  });
}

/** Resolves when the other side has closed the connection. */
export function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.once("end", () => resolve());
    socket.once("close", () => resolve());
    socket.resume();
  });
}
