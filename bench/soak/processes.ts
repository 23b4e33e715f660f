/**
 * The processes of the soak beside the agent, as the conductor sees them: the sink that counts, and the writer.
 */
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import type { SinkMode, SinkOrder, SinkTotals } from "./sink.ts";
import type { WriterOrders, WriterReport } from "./writer.ts";

const sink_program = new URL("sink.ts", import.meta.url).pathname;
const writer_program = new URL("writer.ts", import.meta.url).pathname;

interface SinkAnswer {
  id: number;
  totals: SinkTotals;
}

export class SinkProcess {
  readonly port: number;
  readonly #child: ChildProcess;
  #orders = 0;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
  }

  static async start(): Promise<SinkProcess> {
    const child = fork(sink_program);
    const [{ totals }] = (await once(child, "message")) as [SinkAnswer];
    return new SinkProcess(child, totals.port);
  }

  /** What it has taken so far. */
  totals(): Promise<SinkTotals> {
    return this.#ask({});
  }

  /** What it does with requests from now on. */
  become(mode: SinkMode): Promise<SinkTotals> {
    return this.#ask({ mode });
  }

  stop(): void {
    this.#child.kill("SIGKILL");
  }

  async #ask(order: Omit<SinkOrder, "id">): Promise<SinkTotals> {
    this.#orders += 1;
    const id = this.#orders;
    const answer = new Promise<SinkTotals>((resolve, reject) => {
      const read = (message: unknown): void => {
        const { id: answered, totals } = message as SinkAnswer;
        if (answered !== id) return;
        this.#child.off("message", read);
        resolve(totals);
      };
      this.#child.on("message", read);
      this.#child.once("exit", () => reject(new Error("the sink has ended")));
    });
    this.#child.setMaxListeners(Infinity);
    this.#child.send({ id, ...order });
    return answer;
  }
}

export class WriterProcess {
  readonly #child: ChildProcess;
  #report: WriterReport = { written: 0, rotations: 0, ended: false };

  constructor(orders: WriterOrders) {
    this.#child = fork(writer_program, [JSON.stringify(orders)]);
    this.#child.on("message", (report) => (this.#report = report as WriterReport));
  }

  /** As it said last. */
  get report(): WriterReport {
    return this.#report;
  }

  hold(is_held: boolean): void {
    if (this.#child.connected) this.#child.send(is_held ? "hold" : "go on");
  }

  /** Has it write what it has begun, and gives what it has written in all. */
  async end(): Promise<WriterReport> {
    const exited = once(this.#child, "exit");
    this.#child.send("end");
    await exited;
    if (!this.#report.ended) throw new Error("the writer broke off");
    return this.#report;
  }

  stop(): void {
    this.#child.kill("SIGKILL");
  }
}
