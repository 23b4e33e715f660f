/**
 * A datagram socket as systemd has one, that outlives the daemons that read it, and senders for it. Node can make neither, so
 * Python does: one program keeps the socket, and hands it to another, which becomes the daemon.
 */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { eventually } from "../eventually.ts";
import { temporaryDirectory } from "../temporary.ts";

/**
 * The interpreter itself; empty where there is none. What the shell finds may be a script of a version manager, which
 * takes six times as long to start.
 */
const python = interpreter();

function interpreter(): string {
  const script = "import sys; print(sys.executable)";
  const { status, stdout } = spawnSync("python3", ["-c", script], { encoding: "utf8" });
  return status === 0 ? stdout.trim() : "";
}

/** Whether a test can have such a socket. */
export const can_send_datagrams = python !== "";

const keeper = `
import os, socket, sys
path, desk = sys.argv[1:]
kept = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
kept.bind(path)
counter = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
counter.bind(desk + ".new")
counter.listen(10)
os.rename(desk + ".new", desk)
while True:
    client, _ = counter.accept()
    socket.send_fds(client, [b"x"], [kept.fileno()])
    client.close()
`;

/** As systemd starts a service: the socket is descriptor 3, and blocks. */
const taker = `
import os, socket, sys
desk = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
desk.connect(sys.argv[1])
_, fds, _, _ = socket.recv_fds(desk, 1, 1)
desk.close()
os.set_blocking(fds[0], True)
if fds[0] != 3:
    os.dup2(fds[0], 3)
os.set_inheritable(3, True)
os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
os.execvp(sys.argv[2], sys.argv[2:])
`;

export class DatagramPlace {
  readonly path: string;
  /** What the shell runs before a daemon, so that it has the socket. */
  readonly handing_over: string;

  private constructor(path: string, handing_over: string) {
    this.path = path;
    this.handing_over = handing_over;
  }

  /** Makes the socket, which is there until the test is over. */
  static async open(path: string): Promise<DatagramPlace> {
    const directory = temporaryDirectory();
    const desk = join(directory, "desk");
    const program = join(directory, "take.py");
    writeFileSync(program, taker);
    const child = spawn(python, ["-c", keeper, path, desk], { stdio: "inherit" });
    onTestFinished(async () => {
      const closed = once(child, "close");
      if (child.kill("SIGKILL")) await closed;
    });
    await eventually(() => existsSync(desk));
    return new DatagramPlace(path, `set -- ${python} ${program} ${desk} "$@";`);
  }

  /** Sends them one after the other, each as it is, and waits wherever the kernel makes it wait. */
  async send(...datagrams: readonly (string | Buffer)[]): Promise<void> {
    const script = `
import base64, json, socket, sys
sender = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
sender.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 30)
sender.connect(sys.argv[1])
for each in json.load(sys.stdin):
    sender.send(base64.b64decode(each))
`;
    // Not execFileSync: whoever is to answer the daemon meanwhile may be in this process.
    const child = spawn(python, ["-c", script, this.path], {
      stdio: ["pipe", "inherit", "inherit"],
    });
    child.stdin.end(JSON.stringify(datagrams.map((each) => Buffer.from(each).toString("base64"))));
    await ended(child, "a sender");
  }

  /** Has the program of Python run, with the socket's path as its argument, and gives what it prints as JSON. */
  async run(script: string, ...args: readonly string[]): Promise<unknown> {
    const child = spawn(python, ["-c", script, this.path, ...args], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    onTestFinished(() => void child.kill("SIGKILL"));
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
    await ended(child, "a sender");
    return JSON.parse(text);
  }
}

/** Resolves at its end, and rejects where that is not a good one. */
async function ended(child: ChildProcess, name: string): Promise<void> {
  const [status] = (await once(child, "close")) as [number];
  if (status !== 0) throw new Error(`${name} ended with status ${status}`);
}

/** What senders say that have sent numbered events. */
export interface Sent {
  sent: number;
  /** The kernel had no room, and gave the sender an error. */
  refused: number;
}

/** How many processes send, how many events each, and whether they wait where there is no room. */
export interface Sending {
  readonly writers: number;
  readonly each: number;
  readonly waits: boolean;
  /** A file: when it is there they end. Until then they send a thousand events a second, and no more. */
  readonly until?: string;
}

/** Sends numbered events from many processes at once. */
export function sendNumbered(place: DatagramPlace, sending: Sending): Promise<Sent> {
  const { writers, each, waits, until = "" } = sending;
  const script = `
import json, os, socket, sys, time
path, writers, each, waits, until = sys.argv[1:]
pipes = []
for writer in range(int(writers)):
    back, there = os.pipe()
    pipes.append(back)
    if os.fork() == 0:
        sender = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        sender.connect(path)
        sender.setblocking(waits == "true")
        sent = refused = 0
        for number in range(int(each)):
            try:
                sender.send(b'{"writer":%d,"n":%d}' % (writer, number))
                sent += 1
            except BlockingIOError:
                refused += 1
            if until != "":
                time.sleep(0.001)
                if os.path.exists(until):
                    break
        os.write(there, json.dumps([sent, refused]).encode())
        os._exit(0)
    os.close(there)
totals = [json.loads(os.read(back, 100)) for back in pipes]
print(json.dumps({"sent": sum(t[0] for t in totals), "refused": sum(t[1] for t in totals)}))
`;
  const args = [writers, each, waits, until].map(String);
  return place.run(script, ...args) as Promise<Sent>;
}

/** Sends numbered messages as programs in Python log them to syslog. */
export function sendWithSysLogHandler(place: DatagramPlace, count: number): Promise<Sent> {
  const script = `
import json, logging, logging.handlers, sys
log = logging.getLogger()
log.addHandler(logging.handlers.SysLogHandler(address=sys.argv[1]))
for number in range(int(sys.argv[2])):
    log.warning("from python %d", number)
print(json.dumps({"sent": int(sys.argv[2]), "refused": 0}))
`;
  return place.run(script, String(count)) as Promise<Sent>;
}

/** Sends numbered messages with logger(1). */
export async function sendWithLogger({ path }: DatagramPlace, count: number): Promise<Sent> {
  const child = spawn("logger", ["--socket", path, "-d"], {
    stdio: ["pipe", "inherit", "inherit"],
  });
  child.stdin.end(Array.from({ length: count }, (_, n) => `from logger ${n}\n`).join(""));
  await ended(child, "logger");
  return { sent: count, refused: 0 };
}
