/** The agents and aggregators of the demo: real processes with a state each, that can be killed and started again. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { AgentProcess } from "../agent-process.ts";
import { chain_text, token } from "../surroundings.ts";

export class Member {
  readonly name: string;
  readonly #config_file: string;
  #process: AgentProcess | undefined;

  constructor(directory: string, name: string, config: string) {
    this.name = name;
    this.#config_file = join(directory, `${name}.yaml`);
    const state = join(directory, `${name}.state`);
    mkdirSync(state, { mode: 0o700 });
    const text = `state_dir: ${state}\nlifecycle: { enabled: false }\n${config}`;
    writeFileSync(this.#config_file, text, { mode: 0o600 });
  }

  start(): void {
    this.#process = new AgentProcess(this.#config_file);
  }

  get running(): boolean {
    return this.#process?.running ?? false;
  }

  get complaints(): readonly string[] {
    return this.#process?.complaints ?? [];
  }

  async kill(): Promise<void> {
    await this.#process?.kill();
  }

  /** Its exit status. */
  async stop(): Promise<number | null> {
    return (await this.#process?.stop()) ?? null;
  }
}

/** Small batches, so that many are on their way; and no long wait for a receipt that a killed server had. */
export function agentConfig(name: string, log_file: string, servers: readonly string[]): string {
  return `inputs:
  s3_audit: { type: file, paths: ["${log_file}"], metadata: { sourcetype: "weka:s3:audit" } }
${chain_text}
output:
  type: nats
  servers: ${JSON.stringify(servers)}
  agent: ${name}
  batch: { max_bytes: 64KiB }
  receipt_timeout: 10s
`;
}

export function aggregatorConfig(servers: readonly string[], url: string): string {
  return `inputs:
  fleet: { type: nats, servers: ${JSON.stringify(servers)} }
output: { type: splunk_hec, url: "${url}", token: ${token}, batch: { max_bytes: 64KiB } }
`;
}
