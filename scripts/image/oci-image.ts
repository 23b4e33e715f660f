/** An archive in the OCI layout, made of layers by umoci: what runs, as whom, and what is said of it. */
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Architecture } from "../package/runtime.ts";
import { credentials_dir, state_dir, user_id } from "./layers.ts";

export interface ImageOptions {
  layers: readonly { file: string; comment: string }[];
  architecture: Architecture;
  version: string;
  /** Of the image and everything in it. */
  date: Date;
  /** A place to work at. */
  work: string;
  /** The archive to be written. */
  file: string;
}

export function writeImage(options: ImageOptions): void {
  const { layers, version, date, work, file } = options;
  const layout = join(work, "layout");
  const image = `${layout}:${version}`;
  const umoci = (...args: string[]): void => {
    execFileSync("umoci", args, { stdio: ["ignore", "ignore", "inherit"] });
  };
  umoci("init", "--layout", layout);
  umoci("new", "--image", image);
  const created = date.toISOString();
  for (const layer of layers) {
    const history = ["--history.created", created, "--history.created_by", "npm run image"];
    const comment = ["--history.comment", layer.comment];
    umoci("raw", "add-layer", "--image", image, ...history, ...comment, layer.file);
  }
  umoci("config", "--image", image, "--no-history", ...settings(options));
  // What umoci wrote on the way.
  umoci("gc", "--layout", layout);
  const shape = ["--format=gnu", "--sort=name", `--mtime=@${date.getTime() / 1000}`];
  const whose = ["--owner=:0", "--group=:0", "--numeric-owner", "--mode=u=rwX,go=rX"];
  mkdirSync(join(file, ".."), { recursive: true });
  execFileSync("tar", ["-cf", file, ...shape, ...whose, "-C", layout, "."]);
}

function settings({ architecture, version, date }: ImageOptions): string[] {
  const labels = {
    title: "tallyman",
    description: "Ships audit logs to Splunk: every event counted, every secret masked",
    version,
    created: date.toISOString(),
    licenses: "Apache-2.0",
    "base.name": "debian:12",
  };
  const environment = {
    PATH: "/usr/bin",
    ...serviceEnvironment(),
    // Where a secret is mounted, so that ${credential:NAME} is the same as under systemd.
    CREDENTIALS_DIRECTORY: `/${credentials_dir}`,
  };
  return [
    ["--os", "linux"],
    ["--architecture", architecture],
    ["--created", date.toISOString()],
    ["--config.user", `${user_id}:${user_id}`],
    ["--config.entrypoint", "/usr/bin/tallyman"],
    ["--config.cmd", "run"],
    ["--config.workingdir", "/"],
    ["--config.stopsignal", "SIGTERM"],
    ["--config.volume", `/${state_dir}`],
    ...Object.entries(environment).map(([name, value]) => ["--config.env", `${name}=${value}`]),
    ...Object.entries(labels).map(([name, value]) => [
      "--config.label",
      `org.opencontainers.image.${name}=${value}`,
    ]),
  ].flat();
}

/** What the service's unit sets. */
function serviceEnvironment(): Record<string, string> {
  const unit = readFileSync("systemd/tallyman.service", "utf8");
  const lines = [...unit.matchAll(/^Environment="?(\w+)=([^"\n]+)"?$/gm)];
  const environment = Object.fromEntries(lines.map(([, name, value]) => [name!, value!]));
  if (environment["NODE_OPTIONS"] === undefined)
    throw new Error("tallyman.service sets no NODE_OPTIONS");
  return environment;
}
