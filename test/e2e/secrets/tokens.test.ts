/**
 * A server that gives the token back in everything it answers, through every kind of trouble, and events that hold it: after
 * all of that no token is in the log, in the state directory, or in what the commands print.
 */
import { appendFileSync, globSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ask } from "../../../src/admin/ask.ts";
import { systemClock } from "../../../src/platform/clock.ts";
import { stateDirectory, writeConfig } from "../../support/agent-config.ts";
import { tallyman } from "../../support/command-line.ts";
import { Daemon } from "../../support/daemon.ts";
import { Splunk, valid_token, type Behaviour } from "../../support/splunk.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

const receiver_token = "5ca1ab1e-2222-4222-8222-feedfacef00d";

/** An answer that says the token wherever an answer can say something. */
function echo(status: number, code?: number, number?: number): Behaviour {
  const text = `the token ${valid_token} (Splunk ${valid_token})`;
  const body =
    code === undefined
      ? `<html>${text}</html>`
      : JSON.stringify({ text, code, ackId: text, "invalid-event-number": number });
  const headers = {
    "content-type": `text/${valid_token}`,
    "set-cookie": `session=${valid_token}`,
    location: `http://127.0.0.1:1/?token=${valid_token}`,
    "retry-after": "0",
  };
  return { kind: "answer", status, body, headers };
}

const troubles: Behaviour[] = [
  echo(200),
  echo(204),
  echo(301),
  echo(400),
  echo(400, 10),
  echo(400, 14),
  echo(401, 2),
  echo(403, 4),
  echo(404, 404),
  echo(429, 26),
  echo(500, 8),
  echo(503, 9),
  { kind: "garbage", bytes: `HTTP/1.1 ${valid_token}\r\n\r\n` },
  { kind: "reset", when: "after_body" },
];

test("tokens - a server that says the token in every answer finds it nowhere on this side", async () => {
  const directory = temporaryDirectory();
  const splunk = await Splunk.start();
  const path = join(directory, "audit.log");
  const inputs = [
    `audit: { paths: ["${path}"] }`,
    `weka: { type: hec, listen: "127.0.0.1:0", tokens: ["${receiver_token}"] }`,
  ];
  const facts = { directory, url: splunk.url, inputs, output: ["timeout: 1m"] };
  // The events themselves hold it too, as an audit log may: two of them go to quarantine.
  writeFileSync(path, `{"n":1,"note":"${valid_token}"}\n`);
  const config = writeConfig(facts);
  splunk.next(echo(400, 6, 0));
  let daemon = await Daemon.start(config);
  const texts: string[] = [];
  for (const [number, trouble] of troubles.entries()) {
    splunk.next(trouble);
    appendFileSync(path, `{"n":${number + 2}}\n`);
    await splunk.until(({ events }) => events.some((each) => each.includes(`"n":${number + 2}}`)));
  }
  splunk.next(echo(400, 12));
  appendFileSync(path, `{"n":100,"header":"Splunk ${valid_token}"}\n`);
  await daemon.logged(({ reason }) => reason === "event_required");
  const socket = join(stateDirectory(facts), "admin.sock");
  for (const told of ["/metrics", "/status"]) {
    const { body } = await ask({ method: "GET", path: told, at: socket }, systemClock);
    expect(body).toContain("audit");
    texts.push(body);
  }
  process.kill(daemon.pid, "SIGKILL");
  await daemon.exited;
  texts.push(...daemon.lines);
  daemon = await Daemon.start(config);
  await daemon.stop();
  texts.push(...daemon.lines);

  const commands = [
    ["check", "-c", config],
    ["check", "-c", config, "--json"],
    ["doctor", "-c", config, "--no-send"],
    ["doctor", "-c", config, "--no-send", "--json"],
    ["quarantine", "list", "-c", config],
    ["quarantine", "list", "-c", config, "--json"],
  ];
  splunk.always(echo(403, 4));
  for (const command of commands) {
    const { out, err } = await tallyman(command);
    expect(out + err).not.toBe("");
    texts.push(out, err);
  }
  expect(texts.at(-2)).toContain("splunk_invalid_data_format");

  const state = `${stateDirectory(facts)}/**/*`;
  const left = globSync(state).filter((file) => statSync(file).isFile());
  expect(left.map((file) => file.split("/").at(-1))).toContain("quarantine.jsonl");
  texts.push(...left.map((file) => readFileSync(file, "latin1")));
  const secrets = [valid_token, receiver_token];
  const forms = secrets.flatMap((each) => [
    each,
    each.slice(0, 13),
    Buffer.from(each).toString("base64").slice(0, 24),
    Buffer.from(`Splunk ${each}`).toString("base64").slice(0, 24),
  ]);
  for (const form of forms) expect(texts.filter((text) => text.includes(form))).toEqual([]);
});
