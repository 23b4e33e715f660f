/**
 * Everything on the disk that a configuration makes tallyman's own, in one list: what it writes, what it reads of itself, and
 * where it listens. Nothing of it is ever followed.
 */
import { adminSocketOf } from "../admin/options.ts";
import type { OwnPlace } from "../inputs/file/discovery/own-files.ts";
import type { TlsOptions } from "../platform/sockets/tls-options.ts";
import type { Config } from "./config.ts";
import type { InputOptions } from "./inputs.ts";
import { outputsOf, type OutputOptions } from "./outputs.ts";

export function ownPlacesOf(
  config: Config,
  environment: NodeJS.ProcessEnv = process.env,
): OwnPlace[] {
  const { state_dir, plugins_dir, file, inserted_files } = config;
  const { mirror } = config.proof;
  const credentials = environment["CREDENTIALS_DIRECTORY"];
  const socket = adminSocketOf(config);
  return [
    directory(state_dir, "below state_dir"),
    ...(plugins_dir === undefined ? [] : [directory(plugins_dir, "plugins_dir")]),
    ...(credentials === undefined || credentials === ""
      ? []
      : [directory(credentials, "its credentials")]),
    single(file, "its configuration"),
    ...inserted_files.map((path) =>
      single(path, "a file that its configuration takes values from"),
    ),
    ...(socket === undefined ? [] : [single(socket, "admin.socket")]),
    ...(config.fleet === undefined ? [] : tlsFiles(config.fleet.tls, "the TLS files of fleet")),
    ...(mirror === undefined ? [] : [single(mirror, "proof.mirror")]),
    ...Object.entries(config.inputs).flatMap(([name, input]) => placesOfInput(name, input)),
    ...outputsOf(config).flatMap(({ name, options }) => placesOfOutput(name, options)),
  ];
}

function placesOfInput(name: string, input: InputOptions): OwnPlace[] {
  if (input.type === "socket") return [single(input.path, `the socket of input ${name}`)];
  if (input.type === "nats") return tlsFiles(input.tls, `the TLS files of input ${name}`);
  if (input.type !== "hec") return [];
  const { listen, tls } = input;
  const files = tls === undefined ? [] : [tls.cert, tls.key];
  return [
    ...(listen.kind === "unix" ? [single(listen.path, `the socket of input ${name}`)] : []),
    ...files.map((path) => single(path, `the TLS files of input ${name}`)),
  ];
}

function tlsFiles({ ca_file, cert_file, key_file }: TlsOptions, what: string): OwnPlace[] {
  return [ca_file, cert_file, key_file].flatMap((path) =>
    path === undefined ? [] : [single(path, what)],
  );
}

function placesOfOutput(name: string, output: OutputOptions): OwnPlace[] {
  switch (output.type) {
    case "file":
      return [{ kind: "numbered", path: output.path, what: `the archive of output ${name}` }];
    case "stdout":
      return [];
    case "nats":
    case "splunk_hec":
      return tlsFiles(output.tls, `the TLS files of output ${name}`);
    default:
      return output satisfies never;
  }
}

function single(path: string, what: string): OwnPlace {
  return { kind: "file", path, what };
}

function directory(path: string, what: string): OwnPlace {
  return { kind: "directory", path, what };
}
