/**
 * The configurations of the soak. Each is another one than the last, so that a reload has something to do.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";

export interface SoakPlaces {
  directory: string;
  state_dir: string;
  socket: string;
  config_file: string;
  port: number;
}

/** Writes the valid configuration with this number, or what is none. */
export function writeConfiguration(places: SoakPlaces, number: number, valid = true): void {
  const { directory, state_dir, socket, config_file, port } = places;
  const fields = number % 2 === 0 ? `"requestHeader.Authorization"` : `"requestHeader.*"`;
  writeFileSync(
    config_file,
    `state_dir: ${state_dir}
inputs:
  file:
    paths: ["${join(directory, "audit*.log")}"]
    metadata: { sourcetype: "weka:s3:audit", index: s3_audit }
  socket:
    type: socket
    path: ${socket}
    metadata: { sourcetype: "weka:s3:audit", index: s3_audit }
chain:
  - filter: { drop: 'api.name == "HeadObject" && api.statusCode == 200' }
  - redact: { fields: [${fields}], ignore_case: ${number % 3 === 0} }
${valid ? "" : "  - redacted: { fields: [api] }\n"}output:
  url: http://127.0.0.1:${port}
  token: 00000000-soak-soak-soak-000000000000
  compression: gzip
  timeout: 5s
  batch: { max_wait: ${200 + (number % 4) * 50}ms }
`,
    { mode: 0o600 },
  );
}
