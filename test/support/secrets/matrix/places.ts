/**
 * The places of an event in which a secret is planted: as members of JSON, and as pieces of a text.
 */
import type { RandomSource } from "../../random/random-source.ts";
import { spelledString } from "../../random/json-arbitraries.ts";

const json = (value: unknown): string => JSON.stringify(value);
const url = encodeURIComponent;

function base64(text: string, random: RandomSource): string {
  const held = random.one([
    `some text, ${text} and more`,
    json({ n: 1, note: text }),
    `x=1&y=${url(text)}&z=2`,
  ]);
  return Buffer.from(held).toString(random.one(["base64", "base64url"]));
}

/** A place in an event. */
export interface Place {
  readonly name: string;
  /** Members of an object of JSON that hold the text. */
  readonly members: (text: string, random: RandomSource) => string;
  /** A piece of plain text that holds it; the object of JSON where there is none. */
  readonly piece?: (text: string, random: RandomSource) => string;
}

/** Where a secret is in the content of an event. */
export const places: readonly Place[] = [
  { name: "value", members: (text) => `"note":${json(text)}`, piece: (text) => `note: ${text}` },
  { name: "key", members: (text) => `${json(text)}:1`, piece: (text) => `${text} => 1` },
  { name: "nested", members: (text) => `"a":{"b":[{"c":{"d":${json(`said: ${text}`)}}}]}` },
  { name: "array", members: (text) => `"list":["x",${json(text)},["y",${json(text)}]]` },
  {
    name: "header list",
    members: (text) =>
      `"headers":[{"name":"Host","value":"h"},{"name":"X-Note","value":${json(text)}}]`,
  },
  {
    name: "JSON in a string",
    members: (text) => `"log":${json(json({ message: text, inner: json({ t: text }) }))}`,
  },
  {
    name: "URL",
    members: (text) => `"uri":${json(`https://host.example.com/a/${url(text)}/b#top`)}`,
    piece: (text) => `https://host.example.com/a/${url(text)}/b#top`,
  },
  {
    name: "query of a URL",
    members: (text) => `"message":${json(`asked https://h/p?x=1&q=${url(text)}&y=2 twice`)}`,
    piece: (text) => `asked https://h/p?x=1&q=${url(text)}&y=2 twice`,
  },
  {
    name: "base64",
    members: (text, random) => `"blob":${json(base64(text, random))}`,
    piece: (text, random) => `blob ${base64(text, random)} end`,
  },
  {
    name: "escaped",
    members: (text) => `"note":${spelledString(text, [1, 2])}`,
    piece: (text) => `note ${spelledString(text, [1, 0, 2])}`,
  },
];
