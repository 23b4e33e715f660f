/** The unit that runs a configuration: its credentials, user and groups, for commands that are run by hand. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { serviceUnitOf } from "../../../../src/platform/process/service-unit.ts";
import { loadConfig } from "../../../../src/config/load.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";

let root: string;
let environment: NodeJS.ProcessEnv;

beforeEach(() => {
  root = temporaryDirectory();
  environment = { SYSTEMD_UNIT_PATH: `${root}/etc:${root}/lib` };
});

function put(path: string, text: string): string {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

const files = (config: string): unknown => {
  const unit = serviceUnitOf(config, environment);
  return unit && { unit: unit.name, ...Object.fromEntries(unit.credentials) };
};

test("the units of the package load the token of their configuration", () => {
  for (const unit of ["tallyman.service", "tallyman@.service"]) {
    put(`lib/${unit}`, readFileSync(`systemd/${unit}`, "utf8"));
  }
  expect(files("/etc/tallyman/config.yaml")).toEqual({
    unit: "tallyman.service",
    splunk_token: "/etc/tallyman/splunk_token",
  });
  expect(files("/etc/tallyman/edge/config.yaml")).toEqual({
    unit: "tallyman@edge.service",
    splunk_token: "/etc/tallyman/edge/splunk_token",
  });
  expect(files("/srv/config.yaml")).toBeUndefined();
  const unit = serviceUnitOf("/etc/tallyman/config.yaml", environment);
  expect(unit).toMatchObject({ user: "tallyman", groups: ["adm"] });
});

test("drop-ins add to it, and the administrator's unit hides the package's", () => {
  const unit =
    "[Service]\nExecStart=/usr/bin/tallyman run -c /srv/c.yaml\nLoadCredential=a:/lib/a\n";
  put("lib/tallyman.service", unit);
  put("etc/tallyman.service.d/20-more.conf", "[Service]\nLoadCredential=b:/etc/b\n");
  expect(files("/srv/c.yaml")).toEqual({ unit: "tallyman.service", a: "/lib/a", b: "/etc/b" });
  put("etc/tallyman.service.d/10-other.conf", "[Service]\nLoadCredential=\nLoadCredential=c:/c\n");
  expect(files("/srv/c.yaml")).toEqual({ unit: "tallyman.service", c: "/c", b: "/etc/b" });
  put("etc/tallyman.service", unit.replaceAll("/lib/a", "/etc/a").replace("-c /srv", "/srv"));
  put("etc/tallyman.service.d/10-other.conf", "");
  expect(files("/srv/c.yaml")).toEqual({ unit: "tallyman.service", a: "/etc/a", b: "/etc/b" });
});

test("a drop-in of one instance is for that one", () => {
  put(
    "lib/tallyman@.service",
    "ExecStart=tallyman run --config=/srv/%i.yaml\nLoadCredential=t:/t/%i",
  );
  put("etc/tallyman@one.service.d/x.conf", "LoadCredential=more:/more/%i");
  expect(files("/srv/one.yaml")).toEqual({
    unit: "tallyman@one.service",
    t: "/t/one",
    more: "/more/one",
  });
  expect(files("/srv/two.yaml")).toEqual({ unit: "tallyman@two.service", t: "/t/two" });
});

test("a configuration is loaded with them, or the message says which unit and what to do", async () => {
  const token = put("etc/token", "12345678-abcd\n");
  const text =
    "inputs: { a: { paths: [/a] } }\noutput: { url: http://localhost:1, token: '${credential:t}' }";
  const config = put("config.yaml", text);
  const start = `ExecStart=/usr/bin/tallyman run -c ${config}\n`;
  const unit = put("etc/tallyman.service", `${start}LoadCredential=t:${token}`);
  const { output } = await loadConfig(config, environment);
  expect(output).toMatchObject({ token: expect.anything() });
  expect((output as { token: { reveal: () => string } }).token.reveal()).toBe("12345678-abcd");

  writeFileSync(unit, `${start}LoadCredential=t:${token}-missing`);
  const wrong = (): Promise<string> =>
    loadConfig(config, environment).then(
      () => "loaded",
      (thrown: { details: { complaints: { message: string }[] } }) =>
        thrown.details.complaints[0]!.message,
    );
  expect(await wrong()).toContain("does not exist (tallyman.service loads it; root may read it)");
  writeFileSync(unit, start);
  expect(await wrong()).toContain("is not loaded by tallyman.service; add LoadCredential=t:/path");
});
