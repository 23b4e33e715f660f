/**
 * Secrets of all kinds, known by their shape alone, in all places of an event, from a file and over HTTP, with the real
 * daemon: none is in what is sent, in the state directory (journal and quarantine) or in the log.
 */
import { globSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { stateDirectory, writeConfig } from "../../support/agent-config.ts";
import { Daemon } from "../../support/daemon.ts";
import { longTest } from "../../support/effort.ts";
import { eventually } from "../../support/eventually.ts";
import { freePort } from "../../support/servers/free-port.ts";
import { spelledString } from "../../support/random/json-arbitraries.ts";
import { RandomSource } from "../../support/random/random-source.ts";
import { plantedSecrets, type Planted } from "../../support/secrets/planted.ts";
import { seed } from "../../support/seed.ts";
import { Splunk } from "../../support/splunk.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

const json = (value: unknown): string => JSON.stringify(value);

/** Where a secret can be in a line of a file. */
const places: readonly ((text: string) => string)[] = [
  (text) => json({ a: text }),
  (text) => json({ n: 1, [text]: 2 }),
  (text) => json({ a: { b: [{ c: [`in a sentence: ${text}`] }] } }),
  (text) => json({ headers: [{ name: "X", value: text }] }),
  (text) => json({ log: json({ message: text, inner: json({ t: text }) }) }),
  (text) => `{"a":${spelledString(text, [1, 2])}}`,
  (text) => `{"log":${spelledString(json({ a: text }), [1])}}`,
  (text) => `{ "a" : ${json(text)} , "cut": [1, }`,
  (text) => `no json: ${text.replaceAll("\n", " ")}`,
];

/** Quarantined, with its text masked. */
const unreadable = (text: string): string => `{"quarantine": ${json(text)}, }`;

longTest("detected secrets - none of any kind leaves from any place", async () => {
  const random = new RandomSource(seed);
  const planted: Planted[] = [];
  const plant = (place: (text: string) => string): string[] =>
    plantedSecrets(random).map((each) => {
      planted.push(each);
      return place(each.text);
    });
  const lines = places.flatMap(plant);
  const broken = plant(unreadable);
  const directory = temporaryDirectory();
  const [file, broken_file] = [join(directory, "audit.log"), join(directory, "broken.log")];
  writeFileSync(file, `${lines.join("\n")}\n`);
  writeFileSync(broken_file, `${broken.join("\n")}\n`);
  const splunk = await Splunk.start();
  const port = await freePort();
  const detect = "detect: [credentials]";
  const config = {
    directory,
    url: splunk.url,
    inputs: [
      `audit: { type: file, paths: ["${file}"], chain: [{ redact: { ${detect}, on_unreadable: text } }] }`,
      `broken: { type: file, paths: ["${broken_file}"] }`,
      `apps: { type: hec, listen: "127.0.0.1:${port}", tokens: [a-token-of-an-app] }`,
    ],
    chain: [`redact: { ${detect} }`],
  };
  const daemon = await Daemon.start(writeConfig(config));
  const events = plant((text) =>
    json({ event: { a: 1 }, fields: { f: `x ${text}`, [text]: ["y"] } }),
  );
  const answer = await fetch(`http://127.0.0.1:${port}/services/collector/event`, {
    method: "POST",
    headers: { authorization: "Splunk a-token-of-an-app" },
    body: events.join("\n"),
  });
  expect(answer.status).toBe(200);
  await eventually(() => splunk.events.length === lines.length + events.length);
  expect(await daemon.stop()).toBe(0);
  expect(daemon.books.total).toMatchObject({ quarantined: broken.length, dropped: 0 });
  const state = globSync(`${stateDirectory(config)}/**`).filter((each) => statSync(each).isFile());
  const written = [
    ...splunk.events,
    json(splunk.indexed),
    ...daemon.lines,
    ...state.map((each) => readFileSync(each, "latin1")),
  ];
  const all = written.map((each) => `${each}\n${decoded(each)}`).join("\n");
  const left = planted.filter(({ secret }) => all.includes(secret));
  expect(left.map(({ detector, text }) => `${detector}: ${text}`)).toEqual([]);
});

/** With escapes resolved, however many are around each other. */
function decoded(text: string): string {
  let known = text;
  for (let layer = 0; layer < 4; layer += 1) {
    known = known.replaceAll(/\\u([0-9a-fA-F]{4})|\\(["\\/])/g, (_, hex: string, mark: string) =>
      hex === undefined ? mark : String.fromCharCode(Number.parseInt(hex, 16)),
    );
  }
  return known;
}
