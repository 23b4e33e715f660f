/** tallyman on its default settings. It has one way to mask, which knows JSON. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { main } from "../support/processes.ts";
import { type Contestant, masked } from "./contestant.ts";

const redact = `\n  - redact: { fields: ["requestHeader.Authorization"], with: "${masked}" }`;

export const tallyman: Contestant = {
  name: "tallyman",
  program: undefined,
  prepare({ mask, compression }, { directory, log_file, port }) {
    const path = join(directory, "config.yaml");
    writeFileSync(
      path,
      `state_dir: ${directory}/state
lifecycle: { enabled: false }
inputs:
  s3_audit: { paths: ["${log_file}"], metadata: { sourcetype: "weka:s3:audit", index: s3_audit } }
chain: ${mask === "none" ? "[]" : redact}
output: { url: "http://127.0.0.1:${port}", token: bench, compression: ${compression} }
`,
    );
    return {
      command: [process.execPath, main, "run", "-c", path],
      check: [process.execPath, main, "check", "-c", path],
    };
  },
};
