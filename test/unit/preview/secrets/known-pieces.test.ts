/** Pieces of secrets are hidden in a preview, too, where the rest is masked, and in whatever encoding they are. */
import { expect, test } from "vitest";
import { Hiding, tag_start } from "../../../../src/preview/secrets/hiding.ts";
import { ShapedSecrets } from "../../../../src/preview/secrets/shaped-secrets.ts";
import type { StepTrace } from "../../../../src/preview/run/outcome.ts";

const shaped = await ShapedSecrets.create();
const hiding = new Hiding({
  key: Buffer.alloc(16, 7),
  mask: (text) => text,
  shaped,
  reveals: false,
});
const planted = ["Pl4nted", "Secr3t", "9xYz"].join("-");
const piece = planted.slice(2, 14);
const token = ["ghp", "a1B2".repeat(9)].join("_");
const mask = "[REDACTED]";

const hex = (text: string): string => Buffer.from(text).toString("hex").toUpperCase();
const base64 = (text: string): string => Buffer.from(text).toString("base64");
const percent = (text: string): string => hex(text).replaceAll(/../g, "%$&");
const escaped = (text: string): string => hex(text).replaceAll(/../g, String.raw`\u00$&`);

/** A step that masks. */
function masking(before: string, after: string): StepTrace {
  const state = (text: string) => ({ text, metadata: {} });
  return {
    step: "redact",
    plugin: "redact",
    is_masking: true,
    before: state(before),
    after: state(after),
  };
}

const spellings: [name: string, spell: (text: string) => string][] = [
  ["in the clear", (text) => text],
  ["in hexadecimal", (text) => hex(`a ${text} b`)],
  ["in base64", (text) => base64(`a ${text} b`)],
  ["in base64 behind a path", (text) => `/a/${base64(`a ${text} b`)}`],
  ["in percent-encoding", percent],
  ["in escapes", escaped],
  ["in hexadecimal in base64", (text) => base64(hex(`a ${text} b`))],
];

test.each(spellings)("known pieces - one of a masked secret is hidden %s", (_, spell) => {
  const left = spell(piece);
  for (const write of [
    (text: string) => `{"x":"${text}"}`,
    (text: string) => `x = '${text}' end`,
  ]) {
    const trace = masking(write(planted), write(mask));
    const known = hiding.knownOf([trace]);
    const shown = hiding.hide(write(left), known);
    expect(shown).not.toContain(left);
    expect(shown).toContain(tag_start);
  }
});

test.each(spellings)("known pieces - a token is hidden %s where no step masks it", (_, spell) => {
  const left = spell(token);
  for (const text of [`{"x":"${left}"}`, `x = '${left}' end`]) {
    const shown = hiding.hide(text);
    expect(shown).not.toContain(left);
    expect(shown).toContain(tag_start);
  }
});

test("known pieces - the rest of an argument is hidden where a part of it is masked", () => {
  const line = (text: string): string => `type=EXECVE argc=3 a0="sh" a1="-c" a2=${hex(text)}`;
  const before = line(`mysql -p${planted} --note ${token}`);
  const other = line(`mysql -p${mask} --note ${token}`);
  const known = hiding.knownOf([masking(before, line(mask)), masking(before, other)]);
  for (const text of [before, other, line(`x --note ${token.slice(0, 20)}`)]) {
    const shown = hiding.hide(text, known);
    expect(shown).toMatch(/a2=‹secret \w+›$/);
  }
});

test("known pieces - what stands beside a secret in an argument is shown", () => {
  const line = (text: string): string => `type=USER_CMD msg='cwd="/" cmd=${hex(text)}'`;
  const before = line(`/usr/bin/mysql -p${planted} --host db.example.com`);
  const after = line(`/usr/bin/mysql -p${mask} --host db.example.com`);
  expect(hiding.hide(after, hiding.knownOf([masking(before, after)]))).toBe(after);
});

test("known pieces - the ways of a URL, digits, short pieces and marks hide nothing else", () => {
  const secret = `https://user:${planted}@h/0123456789`;
  const rest = `,"u":"https://h.example.com/p","id":"0123456789","s":"${planted.slice(0, 7)}","p":"${mask}","n":"-".repeat(20)`;
  const trace = masking(`{"x":"${secret}"${rest}}`, `{"x":"${mask}"${rest}}`);
  expect(hiding.hide(trace.after.text, hiding.knownOf([trace]))).toBe(trace.after.text);
});

test("known pieces - hashes, ids, paths and encoded text without a secret are shown", () => {
  const text = JSON.stringify({
    sha: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    id: "0190a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2b",
    path: "/var/lib/kubelet/pods/configuration",
    blob: base64("nothing of interest in this text"),
    hex: hex("ls -la /var/log"),
    url: "https://h/a%20b?x=%2Fc",
  });
  expect(hiding.hide(text)).toBe(text);
});

test("known pieces - of very many encoded parts the last are hidden unseen", () => {
  const parts = Array.from({ length: 1001 }, (_, number) => hex(`nothing ${number} here`));
  const shown = hiding.hide(parts.join(" ")).split(" ");
  expect(shown.slice(0, 1000)).toEqual(parts.slice(0, 1000));
  expect(shown.slice(1000).join(" ")).toMatch(/^‹secret \w+›$/);
});
