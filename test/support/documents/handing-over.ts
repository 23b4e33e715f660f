/** Hands records to a configuration of a document as their program does: into its file, as datagrams, or by HTTP. */
import { appendFileSync, mkdirSync } from "node:fs";
import { request } from "node:http";
import { request as secureRequest } from "node:https";
import { createConnection } from "node:net";
import { dirname } from "node:path";
import { text as textOf } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import { expect } from "vitest";
import type { AuditRecords } from "../events/audit-records.ts";
import { test_certificate } from "../servers/certificate.ts";
import { webhook_token, type Sandbox } from "./recipe.ts";

/** The status of the answer to a body that is posted. */
export function post({ port, input }: Sandbox, body: string): Promise<number> {
  const send = input.tls === undefined ? request : secureRequest;
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: `Splunk ${webhook_token}`,
      "content-type": "application/json",
    };
    const options = {
      host: "127.0.0.1",
      port,
      path: "/",
      method: "POST",
      headers,
      ca: test_certificate,
    };
    send(options, (response) => {
      response.resume().on("end", () => resolve(response.statusCode ?? 0));
    })
      .on("error", reject)
      .end(body);
  });
}

/** Writes lines over one connection, and waits for the answer that all of them are stored. */
async function write(path: string, lines: readonly string[]): Promise<void> {
  const socket = createConnection(path);
  socket.end(lines.map((line) => `${line}\n`).join(""));
  expect(await textOf(socket)).toBe(`ok ${lines.length}\n`);
}

/** Appends the lines to the file of the input, as a list where its framing is one of lists; or sends or posts each. */
export async function handOver(sandbox: Sandbox, lines: readonly string[]): Promise<void> {
  const [path] = sandbox.input.paths ?? [];
  if (path !== undefined) {
    const { framing } = sandbox.input;
    const key = typeof framing === "object" ? framing.json?.records : undefined;
    const array = `[\n${lines.join(",\n")}\n]`;
    const list = key === "." ? `${array}\n` : `{"${key}":${array}}`;
    const content = key === undefined ? lines.map((line) => `${line}\n`).join("") : list;
    const file = path.replaceAll(/\*+/g, "0123");
    mkdirSync(dirname(file), { recursive: true });
    return appendFileSync(file, file.endsWith(".gz") ? gzipSync(content) : content);
  }
  if (sandbox.datagrams !== undefined) return sandbox.datagrams.send(...lines);
  if (sandbox.input.type === "socket") return write(sandbox.input.path!, lines);
  for (const line of lines) expect(await post(sandbox, line)).toBe(200);
}

/** The spellings of a secret that formats here have. */
export function spellings(secret: string): string[] {
  const bytes = Buffer.from(secret);
  return [
    secret,
    bytes.toString("hex"),
    bytes.toString("hex").toUpperCase(),
    bytes.toString("base64"),
  ];
}

export function expectNoSecret(text: string, { secrets }: AuditRecords): void {
  for (const spelling of secrets.flatMap(spellings)) expect(text).not.toContain(spelling);
}
