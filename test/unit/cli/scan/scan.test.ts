/** What `tallyman scan` finds in logs of several kinds, and what it never shows. */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import type { LogFindings } from "../../../../src/cli/scan/findings.ts";
import { reportLines } from "../../../../src/cli/scan/report.ts";
import { startingConfig } from "../../../../src/cli/scan/starter.ts";
import { surveyLogs } from "../../../../src/cli/scan/survey-logs.ts";
import { systemClock } from "../../../../src/platform/clock.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";

const signature = "5e".repeat(32);
const secrets = {
  authorization: `AWS4-HMAC-SHA256 Credential=${["AKIA", "Q".repeat(16)].join("")}/20250321/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=${signature}`,
  github: ["ghp", "a1B2".repeat(9)].join("_"),
  password: "correct horse battery",
  url: "https://ann:hunter2hunter2@db.example/x",
};

function event(number: number): object {
  return {
    time: `2025-03-21T06:37:2${number % 10}Z`,
    api: { name: "PutObject", bucket: "reports" },
    requestHeader: { Authorization: secrets.authorization, Host: "s3.example" },
    body: JSON.stringify({ deploy: { token: secrets.github } }),
    items: [{ password: secrets.password }],
    database: secrets.url,
    [secrets.github]: { uses: number },
    mail: "ann@example.org",
  };
}

const events = Array.from({ length: 20 }, (_, number) => event(number));
const lines = `${events.map((each) => JSON.stringify(each)).join("\n")}\n`;

async function findingsOf(content: Buffer | string, name = "audit.log"): Promise<LogFindings> {
  const file = join(temporaryDirectory(), name);
  writeFileSync(file, content);
  return surveyLogs([file], systemClock);
}

test("scan - names every field with a secret, and shows no value", async () => {
  const findings = await findingsOf(lines);
  expect(findings).toMatchObject({ events: 20, texts: 0, framing: undefined });
  const paths = findings.secrets.map(({ path }) => path);
  expect(paths).toEqual(
    expect.arrayContaining([
      "requestHeader.Authorization",
      "body.deploy.token",
      "items[*].password",
      "database",
    ]),
  );
  expect(findings.others).toContainEqual({
    path: "mail",
    found_by: [{ detector: "email", share: 1 }],
  });
  expect(findings.known?.pack).toBe("s3_audit");
  const shown = [...reportLines(findings), ...startingConfig(findings), JSON.stringify(findings)];
  for (const secret of [signature, secrets.github, secrets.password, "hunter2", "ann@"]) {
    expect(shown.join("\n")).not.toContain(secret);
  }
});

test.each([
  ["gzip", "audit.log.gz", gzipSync(lines), undefined],
  ["UTF-16", "audit.log", Buffer.from(`\ufeff${lines}`, "utf16le"), undefined],
  ["documents", "audit.json", JSON.stringify(events[0], undefined, 2).repeat(20), "json"],
  ["an array", "audit.json", JSON.stringify({ Records: events }), "{ json: { records: Records } }"],
])("scan - reads %s, and says which framing", async (_, name, content, framing) => {
  const findings = await findingsOf(content, name);
  expect(findings).toMatchObject({ events: 20, texts: 0, framing });
  expect(findings.secrets.map(({ path }) => path)).toContain("requestHeader.Authorization");
});

test("scan - a list under a key of the sender's own is no crash: each document is an event", async () => {
  const findings = await findingsOf(`${JSON.stringify({ headers: [{ password: "x y" }] })}\n`);
  expect(findings).toMatchObject({ events: 1, framing: "json" });
  expect(findings.secrets.map(({ path }) => path)).toEqual(["headers[*].password"]);
});

test("scan - of text, it says what parses it, where the time is, and what is secret", async () => {
  const line = (number: number): string =>
    `192.0.2.${number} - ann [21/Mar/2025:06:37:27 +0000] "GET /x?token=${secrets.github} HTTP/1.1" 200 12 "-" "curl"\n`;
  const findings = await findingsOf(events.map((_, number) => line(number)).join(""));
  expect(findings).toMatchObject({ events: 20, texts: 20, text_format: "combined" });
  expect(findings.head_time).toEqual({ share: 1, needs_zone: false });
  expect(findings.text_secrets.length).toBeGreaterThan(0);
  expect(startingConfig(findings)).toContain("      format: combined");
});

test("scan - times that name no zone are found, and the zone is asked for", async () => {
  const findings = await findingsOf('{"at":"2025-03-21 06:37:27","n":1}\n'.repeat(20));
  expect(findings.times).toEqual([{ path: "at", share: 1, needs_zone: true }]);
  expect(startingConfig(findings).join("\n")).toContain('      field: ["at"]');
});

test("scan - a pipe is read once, as in `tallyman scan <(journalctl)`", async () => {
  const pipe = join(temporaryDirectory(), "pipe");
  execFileSync("mkfifo", [pipe]);
  const [findings] = await Promise.all([
    surveyLogs([pipe], systemClock),
    writeFile(pipe, JSON.stringify({ Records: events })),
  ]);
  expect(findings).toMatchObject({ events: 20, framing: "{ json: { records: Records } }" });
});

test("scan - a file that is not there is reported with its name", async () => {
  await expect(surveyLogs(["/nowhere/audit.log"], systemClock)).rejects.toThrow(
    "/nowhere/audit.log",
  );
});

const key_of_lines = [
  ["-----BEGIN RSA ", "PRIVATE KEY-----"].join(""),
  ...Array.from({ length: 4 }, (_, line) => "Qk1v".repeat(15) + "abcd"[line]! + "A=="),
  ["-----END RSA ", "PRIVATE KEY-----"].join(""),
];

test("scan - keeps the lines of a private key together, by how the events begin", async () => {
  const time = "2025-03-21 06:37:27.001 UTC [7] LOG: ";
  const written = [`${time}started`, time + key_of_lines.join("\n"), `${time}finished`];
  const findings = await findingsOf(`${written.join("\n")}\n`);
  expect(findings.framing).toMatch(/^\{ multiline: \{ start: '\^.*' \} \}$/);
  expect(findings.split_keys).toBe(0);
  expect(startingConfig(findings).join("\n")).toContain(`framing: ${findings.framing}`);
});

test("scan - knows a key of one line, behind which the statement ends that it stands in", async () => {
  const time = "2025-03-21 06:37:27.001 UTC [7] LOG: ";
  const begin = ["-----BEGIN ", "PRIVATE KEY-----"].join("");
  const statement = `INSERT INTO keys VALUES ('${begin}\n${"Qk1v".repeat(16)}')`;
  const written = [`${time}started`, time + statement, `${time}finished`];
  const findings = await findingsOf(`${written.join("\n")}\n`);
  expect(findings.framing).toMatch(/^\{ multiline: /);
  // Words behind it are no key.
  const named = await findingsOf(
    `${time}no ${begin}\nin the file that was named\n${time}finished\n`,
  );
  expect(named).toMatchObject({ framing: undefined, split_keys: 0 });
});

test("scan - says where the lines of a private key would leave, since nothing says how events begin", async () => {
  const written = ["started", `read ${key_of_lines.join("\n")}`, "finished"];
  const findings = await findingsOf(`${written.join("\n")}\n`);
  expect(findings).toMatchObject({ framing: undefined, split_keys: 1 });
  expect(reportLines(findings).join("\n")).toContain("WARNING");
  expect(startingConfig(findings).join("\n")).toContain("WOULD LEAVE AS THEY ARE");
  // A key that is one event, whole or cut, is none of these.
  const whole = await findingsOf(
    `started\nread ${key_of_lines.join(" ")}\nread ${key_of_lines[0]}\nfinished\n`,
  );
  expect(whole).toMatchObject({ framing: undefined, split_keys: 0 });
});
