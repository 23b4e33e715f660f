/** Everything on the disk that a configuration makes tallyman's own. */
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { loadConfig } from "../../../src/config/load.ts";
import { ownPlacesOf } from "../../../src/config/own-places.ts";
import { writeConfiguration } from "../../support/configuration.ts";

test("own places - has all that the configuration names, but for what is followed", async () => {
  const file = writeConfiguration(`state_dir: state
plugins_dir: plugins
admin: { socket: run/admin.sock }
inputs:
  files: { paths: ["/var/log/*.log"] }
  lines: { type: socket, path: run/lines.sock }
  http:
    type: hec
    listen: unix:/run/hec.sock
    tokens: ["\${file:input-token}"]
  https:
    type: hec
    listen: "127.0.0.1:0"
    tokens: ["\${file:input-token}"]
    tls: { cert: in-cert.pem, key: in-key.pem }
outputs:
  splunk:
    url: https://splunk.example.com:8088
    token: "\${file:token}"
    tls: { ca_file: ca.pem, cert_file: cert.pem, key_file: key.pem }
  archive: { type: file, path: out/archive.jsonl }
`);
  const folder = dirname(file);
  for (const name of ["token", "input-token"]) writeFileSync(join(folder, name), `x${name}x1234`);
  const config = await loadConfig(file);
  const places = ownPlacesOf(config, { CREDENTIALS_DIRECTORY: "/run/credentials/tallyman" });
  const said = places.map((place) => {
    return place.kind === "open" ? "" : `${place.kind} ${place.path.replace(`${folder}/`, "")}`;
  });
  expect(said.sort()).toEqual([
    "directory /run/credentials/tallyman",
    "directory plugins",
    "directory state",
    "file /run/hec.sock",
    "file ca.pem",
    "file cert.pem",
    "file config.yaml",
    "file in-cert.pem",
    "file in-key.pem",
    "file input-token",
    "file key.pem",
    "file run/admin.sock",
    "file run/lines.sock",
    "file token",
    "numbered out/archive.jsonl",
  ]);
});
