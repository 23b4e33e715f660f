/**
 * Latency of an idle agent on default settings: one line every 50 ms, from its write to its arrival.
 *
 * Writer and receiver are this process, so that both times are of one clock; the daemon is its own.
 */
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { numberOf, wekaEvent } from "../../src/cli/demo/weka-events.ts";
import { DaemonProcess, passThroughConfig } from "../support/processes.ts";

const lines = 200;
const interval_ms = 50;

export interface Latency {
  median_ms: number;
  p90_ms: number;
  p99_ms: number;
}

export async function measureLatency(): Promise<void> {
  const { median_ms, p90_ms, p99_ms } = await latencyOfIdle();
  console.log(`Latency of an idle agent, one line every ${interval_ms} ms, write to arrival:`);
  const [median, p90, p99] = [median_ms, p90_ms, p99_ms].map((each) => each.toFixed(1));
  console.log(`median ${median} ms, 90 % ${p90} ms, 99 % ${p99} ms\n`);
}

export async function latencyOfIdle(): Promise<Latency> {
  const directory = mkdtempSync(join(tmpdir(), "tallyman-bench-"));
  const written_at_ms = new Map<number, number>();
  const latencies_ms: number[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const now_ms = performance.now();
      for (const line of Buffer.concat(chunks).toString("latin1").split("\n")) {
        const at_ms = written_at_ms.get(numberOf(line));
        if (at_ms !== undefined) latencies_ms.push(now_ms - at_ms);
      }
      response.writeHead(200, { "content-type": "application/json" });
      response.end('{"text":"Success","code":0}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const log_file = join(directory, "audit.log");
  const config_file = join(directory, "config.yaml");
  writeFileSync(log_file, "");
  writeFileSync(config_file, passThroughConfig(directory, log_file, port));
  const daemon = new DaemonProcess(config_file);
  try {
    await daemon.running();
    for (let number = 0; number < lines; number += 1) {
      await new Promise((resolve) => setTimeout(resolve, interval_ms));
      written_at_ms.set(number, performance.now());
      appendFileSync(log_file, `${wekaEvent(number)}\n`);
    }
    while (latencies_ms.length < lines) await new Promise((resolve) => setTimeout(resolve, 20));
  } finally {
    await daemon.stop();
    server.closeAllConnections();
    server.close();
    rmSync(directory, { recursive: true, force: true });
  }
  const sorted = latencies_ms.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor(share * (lines - 1))]!;
  return { median_ms: at(0.5), p90_ms: at(0.9), p99_ms: at(0.99) };
}
