/** `tallyman verify`: its exit status, its report, and exports that are not whole. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Verified } from "../../../../src/proof/verify/verify.ts";
import { tallyman } from "../../../support/command-line.ts";
import { csv, splunkJson } from "../../../support/proof/exports.ts";
import { ModelAgent, type Row } from "../../../support/proof/model-agent.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";

interface Site {
  readonly agent: ModelAgent;
  readonly file: string;
  readonly verify: (...words: string[]) => ReturnType<typeof tallyman>;
}

function site(write: (rows: Row[]) => string = splunkJson): Site {
  const agent = new ModelAgent({ seed: 3, lanes: 2, largest: 40 });
  agent.live(6);
  agent.seal("stop");
  const file = join(temporaryDirectory(), "export");
  writeFileSync(file, write(agent.all));
  const verify = (...words: string[]) =>
    tallyman(["verify", "--root", agent.fingerprint, file, ...words]);
  return { agent, file, verify };
}

describe("verify", () => {
  test("verify - a clean export ends with 0 and one sentence", async () => {
    const { verify } = site();
    const { status, out, err } = await verify("--quiet");
    expect([status, err]).toEqual([0, ""]);
    expect(out).toMatch(
      /^Nothing is missing or altered: \d+ events are as they were sealed, up to /,
    );
  });

  test("verify - findings end with 1, on the terminal, as JSON, and as a page without anything that runs", async () => {
    const { agent, file, verify } = site();
    const gone = agent.rows.find((row) => row["tally_i"] === "3")!;
    const rows = agent.all.filter(
      (row) => row["tally_lane"] !== gone["tally_lane"] || row["tally_i"] !== "3",
    );
    writeFileSync(file, splunkJson(rows));
    const report = join(temporaryDirectory(), "report.html");
    const { status, out } = await verify("--report", report);
    expect(status).toBe(1);
    expect(out).toContain("MISSING: ");
    expect(out).toContain("Event 3: not in the export.");
    const json = JSON.parse((await verify("--json")).out) as Verified;
    expect(json).toMatchObject({ verdict: "findings", classes: { MISSING: { events: 1 } } });
    const page = readFileSync(report, "utf8");
    expect(page).toContain("Event 3: not in the export.");
    expect(page).toContain("What this proves, and what not");
    expect(page).not.toMatch(/<script|https?:|onload/i);
  });

  test("verify - what an export holds is text in the page", async () => {
    const { file, verify } = site((rows) => {
      const index = '<img src=x onerror="alert(1)">\u202e';
      return splunkJson(
        rows.map((row) => (row["tally_lane"] === undefined ? row : { ...row, index })),
      );
    });
    const report = `${file}.html`;
    expect((await verify("--report", report)).status).toBe(1);
    const page = readFileSync(report, "utf8");
    expect(page).toContain("&lt;img src=x onerror=&quot;alert(1)&quot;&gt;U+202E");
    expect(page).not.toContain("<img");
  });

  test("verify - another root, no seals, and what is no export end with 2", async () => {
    const { agent, file, verify } = site();
    const other = new ModelAgent({ seed: 4 }).fingerprint;
    const wrong = await tallyman(["verify", "--root", other, file]);
    expect([wrong.status, wrong.err.includes(agent.fingerprint)]).toEqual([2, true]);
    expect((await tallyman(["verify", "--root", "SHA256:short", file])).status).toBe(2);
    expect((await verify("--until", "soon")).status).toBe(2);
    expect((await tallyman(["verify", file])).err).toContain("--root is missing");
    writeFileSync(file, splunkJson(agent.rows));
    expect((await verify()).err).toContain("there are no seals in the export");
    writeFileSync(file, "no export\n");
    const refused = await verify();
    expect(refused.status).toBe(2);
    expect(refused.err).toContain("neither JSON lines nor a CSV");
    const missing = await tallyman(["verify", "--root", other, `${file}.gone`]);
    expect([missing.status, missing.err.includes("ENOENT")]).toEqual([2, true]);
  });
});

/** What makes an export incomplete. */
const cuts: [string, (rows: Row[]) => string, string][] = [
  [
    "its last row is missing",
    (rows) => `${splunkJson(rows).split("\n").slice(0, -2).join("\n")}\n`,
    "without its last row",
  ],
  ["it ends in a line", (rows) => splunkJson(rows).slice(0, -20), "no whole JSON"],
  [
    "a peer did not answer",
    (rows) =>
      `{"preview":false,"messages":[{"type":"WARN","text":"some search peers did not return results"}]}\n${splunkJson(rows)}`,
    "some search peers did not return results",
  ],
  [
    "rows are missing",
    (rows) => splunkJson(rows).split("\n").toSpliced(5, 2).join("\n"),
    "rows 5 to 6 are missing",
  ],
  ["a quoted field does not end", (rows) => csv(rows).slice(0, -8), "not whole"],
];

describe("exports that are not whole", () => {
  test.each(cuts)("verify - where %s, nothing can be decided", async (_, write, words) => {
    const { verify } = site(write);
    const { status, out } = await verify();
    expect(out).toContain(words);
    expect(out).toContain("Nothing can be decided");
    expect(status).toBe(2);
  });

  test("verify - rows of previews are not counted", async () => {
    const { agent, file, verify } = site();
    const previews = splunkJson(agent.all)
      .replaceAll('"preview":false', '"preview":true')
      .replaceAll(',"lastrow":true', "");
    writeFileSync(file, previews + splunkJson(agent.all));
    const { status, out } = await verify();
    expect(status).toBe(0);
    expect(out).toContain(`${agent.all.length} events in the export`);
  });
});

describe("options", () => {
  test("verify - what is older than --retained-from is expired", async () => {
    const { agent, file, verify } = site();
    const since = agent.seals.length - 3;
    const { from } = JSON.parse(agent.seals[since]!["_raw"]!) as { from: string };
    const old = Date.parse(from) / 1000;
    writeFileSync(
      file,
      splunkJson(agent.all.filter((row) => Number(row["_time"]) >= old || row["tally_sig"])),
    );
    expect((await verify()).status).toBe(1);
    const { status, out } = await verify("--retained-from", from);
    expect(out).toContain("EXPIRED");
    expect(status).toBe(0);
  });

  test("verify - seals have to reach to --until", async () => {
    const { verify } = site();
    expect((await verify("--until", "2026-11-01")).status).toBe(0);
    const { status, out } = await verify("--until", "2027-01-01T00:00:00Z");
    expect(status).toBe(1);
    expect(out).toContain("SEAL MISSING");
  });

  test("verify - --json-equal takes other blanks for the same, and no other digits", async () => {
    const spaced = (text: string): string =>
      text.startsWith("{") ? text.replaceAll('":', '" :  ') : text;
    const { agent, file, verify } = site();
    const change = (to: (text: string) => string): string =>
      splunkJson(
        agent.all.map((row) =>
          row["tally_lane"] === undefined ? row : { ...row, _raw: to(row["_raw"]!) },
        ),
      );
    writeFileSync(file, change(spaced));
    expect((await verify()).status).toBe(1);
    expect((await verify("--json-equal")).status).toBe(0);
    writeFileSync(
      file,
      change((text) => spaced(text).replace('"n" :  1', '"n" :  1.0')),
    );
    expect((await verify("--json-equal")).status).toBe(1);
  });
});
