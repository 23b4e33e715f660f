/** Clients that everybody has, as they are: nc, socat and logger; and one that is killed. */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { isInstalled } from "../../../support/commands.ts";
import { receive } from "../../../support/sockets/socket-receiving.ts";

const run = promisify(execFile);

/** Runs a client to its end with something to send. */
async function send(command: string, args: readonly string[], text: string): Promise<void> {
  const process = spawn(command, args, { stdio: ["pipe", "ignore", "inherit"] });
  process.stdin.end(text);
  const [status] = await once(process, "close");
  expect(status).toBe(0);
}

describe("clients", () => {
  it.runIf(isInstalled("nc.openbsd"))(
    "socket - nc -U delivers what it is given, and ends when all is accepted",
    async () => {
      const receiving = await receive();
      await send("nc.openbsd", ["-N", "-U", receiving.path], "one\ntwo\n");
      expect(receiving.texts).toEqual(["one", "two"]);
    },
  );

  it.runIf(isInstalled("socat"))("socket - socat delivers what it is given", async () => {
    const receiving = await receive();
    await send("socat", ["-u", "STDIN", `UNIX-CONNECT:${receiving.path}`], "one\ntwo\n");
    await receiving.received(2);
    expect(receiving.texts).toEqual(["one", "two"]);
  });

  it.runIf(isInstalled("logger"))(
    "socket - logger -u delivers a line, and each line of its standard input",
    async () => {
      const receiving = await receive();
      await run("logger", ["-u", receiving.path, "-t", "test", "hello"]);
      await send("logger", ["-u", receiving.path, "-t", "test"], "a\nb\n");
      await receiving.received(3);
      expect(receiving.texts.map((text) => text.replace(/^<13>.* test: /, ""))).toEqual([
        "hello",
        "a",
        "b",
      ]);
    },
  );

  it("socket - a client that is killed leaves what it had sent", async () => {
    const receiving = await receive();
    const script = `
      require("node:net").connect(process.argv[1]).write("whole\\nbroken o", () => {
        process.kill(process.pid, "SIGKILL");
      })`;
    const killed = spawn(process.execPath, ["-e", script, receiving.path], { stdio: "inherit" });
    await once(killed, "close");
    await receiving.received(2);
    expect(receiving.events.map(({ text, metadata }) => [text, metadata.fields])).toEqual([
      ["whole", undefined],
      ["broken o", { tallyman_unfinished: true }],
    ]);
  });
});
