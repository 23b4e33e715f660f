/**
 * Answers of HTTP servers against node:http as the model: what is taken for a whole answer is one there, too, with the same
 * status and body, however it is cut into pieces and whatever happens to its bytes; and what is well formed is taken.
 */
import fc from "fast-check";
import { request } from "node:http";
import { Duplex } from "node:stream";
import { expect } from "vitest";
import { AnswerParser } from "../../src/output/network/answer-parser.ts";
import { sampled } from "../support/effort.ts";

type Answer = { status: number; body: string } | "failure";

interface Shape {
  interim: string[];
  version: string;
  status: number;
  reason: string;
  headers: [string, string][];
  framing: "length" | "chunked" | "until close";
  body: string;
  chunk: number;
  extension: string;
  trailer: string;
}

const shapes: fc.Arbitrary<Shape> = fc.record({
  interim: fc.array(fc.constantFrom("100 Continue", "102 Processing", "103 Early Hints"), {
    maxLength: 2,
  }),
  version: fc.constantFrom("1.1", "1.1", "1.0"),
  status: fc.constantFrom(200, 200, 204, 304, 400, 403, 413, 503),
  reason: fc.constantFrom("", " OK", " Service Unavailable", " \xe9t\xe9"),
  headers: fc.array(
    fc.constantFrom<[string, string]>(
      ["Date", "Fri, 21 Mar 2025 06:38:07 GMT"],
      ["connection", "keep-alive"],
      ["Connection", "close"],
      ["Set-Cookie", "AWSALB=a; Path=/"],
      ["X-Empty", ""],
      ["Keep-Alive", "timeout=5, max=100"],
    ),
    { maxLength: 4 },
  ),
  framing: fc.constantFrom("length", "length", "chunked", "until close"),
  body: fc.constantFrom("", '{"text":"Success","code":0}', "x".repeat(300), "\r\n0\r\n\r\n"),
  chunk: fc.integer({ min: 1, max: 40 }),
  extension: fc.constantFrom("", ";a", ";name=value"),
  trailer: fc.constantFrom("", "X-Trailer: 1\r\n"),
});

const has_no_body = new Set([204, 304]);

function written(shape: Shape): string {
  const { interim, version, status, reason, headers, framing, chunk, extension, trailer } = shape;
  const body = has_no_body.has(status) ? "" : shape.body;
  const said = headers.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  const before = interim.map((line) => `HTTP/1.1 ${line}\r\nLink: </a>\r\n\r\n`).join("");
  const head = `${before}HTTP/${version} ${status}${reason}\r\n${said}`;
  if (has_no_body.has(status) || framing === "until close") return `${head}\r\n${body}`;
  if (framing === "length") return `${head}Content-Length: ${body.length}\r\n\r\n${body}`;
  const parts = body.match(new RegExp(`[^]{1,${chunk}}`, "g")) ?? [];
  const chunks = parts.map((part) => `${part.length.toString(16)}${extension}\r\n${part}\r\n`);
  return `${head}Transfer-Encoding: chunked\r\n\r\n${chunks.join("")}0\r\n${trailer}\r\n`;
}

function piecesOf(bytes: Buffer, lengths: readonly number[]): Buffer[] {
  const pieces: Buffer[] = [];
  let at = 0;
  for (let turn = 0; at < bytes.length; turn += 1) {
    const length = lengths[turn % lengths.length]!;
    pieces.push(bytes.subarray(at, at + length));
    at += length;
  }
  return pieces;
}

function parsed(pieces: readonly Buffer[]): { answer: Answer; has_rest: boolean } {
  const parser = new AnswerParser(65_536);
  try {
    for (const piece of pieces) parser.push(piece);
    parser.close();
  } catch {
    return { answer: "failure", has_rest: parser.has_rest };
  }
  const { status, is_complete, has_rest } = parser;
  return {
    answer: is_complete ? { status, body: parser.body.toString("latin1") } : "failure",
    has_rest,
  };
}

/** What node:http makes of a server that sends these pieces and closes. */
function modelled(pieces: readonly Buffer[]): Promise<Answer> {
  return new Promise((resolve) => {
    const left = [...pieces];
    const socket = new Duplex({
      read() {
        setImmediate(() => this.push(left.shift() ?? null));
      },
      write: (_bytes, _encoding, done) => done(),
    });
    const asked = request({ createConnection: () => socket, insecureHTTPParser: false });
    asked.on("error", () => resolve("failure"));
    asked.on("close", () => resolve("failure"));
    asked.on("upgrade", () => resolve("failure"));
    asked.on("response", (response) => {
      let body = "";
      response.setEncoding("latin1");
      response.on("data", (text: string) => (body += text));
      response.on("error", () => resolve("failure"));
      response.on("end", () => {
        resolve(response.complete ? { status: response.statusCode!, body } : "failure");
      });
    });
    asked.end();
  });
}

const lengths = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 5 });

sampled(
  "answers - what is well formed is taken as node:http takes it, in whatever pieces",
  { sample: 400, all: 5000 },
  async (numRuns) => {
    await fc.assert(
      fc.asyncProperty(shapes, lengths, async (shape, cut) => {
        const pieces = piecesOf(Buffer.from(written(shape), "latin1"), cut);
        const { answer, has_rest } = parsed(pieces);
        expect(answer).not.toBe("failure");
        expect(has_rest).toBe(false);
        expect(answer).toEqual(await modelled(pieces));
      }),
      { numRuns },
    );
  },
);

/** What is done to an answer, at a place near the end of one of its lines, or anywhere. */
interface Damage {
  at: number;
  anchor: "line" | "anywhere";
  shift: number;
  removed: number;
  added: string;
}

const damages: fc.Arbitrary<Damage[]> = fc.array(
  fc.record({
    at: fc.double({ min: 0, max: 0.999, noNaN: true }),
    anchor: fc.constantFrom("line", "line", "anywhere"),
    shift: fc.integer({ min: -3, max: 3 }),
    removed: fc.constantFrom(0, 0, 1, 2, 3, 10_000),
    added: fc.oneof(
      fc.constantFrom(
        "",
        "\r",
        "\n",
        "\r\n",
        " ",
        ":",
        "0",
        "9",
        "\0",
        "a",
        ";",
        ",",
        "\t",
        "\xff",
      ),
      fc.constantFrom(
        "Content-Length: 5\r\n",
        "Transfer-Encoding: chunked\r\n",
        "Transfer-Encoding: gzip\r\n",
        "Transfer-Encoding: chunked, gzip\r\n",
        " folded\r\n",
        "a b: c\r\n",
        "HTTP/1.1 200 OK\r\n\r\n",
      ),
    ),
  }),
  { minLength: 1, maxLength: 2 },
);

function damaged(text: string, { at, anchor, shift, removed, added }: Damage): string {
  const ends = [...text.matchAll(/\r\n/g)].map(({ index }) => index + 2);
  const is_line = anchor === "line" && ends.length > 0;
  // A whole line goes where one begins.
  const near = is_line ? ends[Math.floor(at * ends.length)]! : Math.floor(at * text.length);
  const place = Math.max(0, added.length > 2 ? near : near + shift);
  return text.slice(0, place) + added + text.slice(place + removed);
}

sampled(
  "answers - what is damaged is never taken for something that node:http does not take it for",
  { sample: 1000, all: 20_000 },
  async (numRuns) => {
    await fc.assert(
      fc.asyncProperty(shapes, damages, lengths, async (shape, done, cut) => {
        const text = done.reduce(damaged, written(shape));
        const pieces = piecesOf(Buffer.from(text, "latin1"), cut);
        const { answer, has_rest } = parsed(pieces);
        if (answer === "failure") return;
        const model = await modelled(pieces);
        // What follows an answer costs it the answer itself, or only the connection.
        if (has_rest && model === "failure") return;
        expect(answer).toEqual(model);
      }),
      { numRuns },
    );
  },
);
