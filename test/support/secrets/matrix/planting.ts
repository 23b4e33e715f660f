/** Plants secrets of all kinds in all places of all formats: what is in the logs and requests, and what has to be sought. */
import { RandomSource } from "../../random/random-source.ts";
import { plantedSecrets } from "../planted.ts";
import { type Format, formats } from "./formats.ts";
import { type Place, places } from "./places.ts";
import type { Sought } from "./traces.ts";

/** What is planted in one format. */
export interface Planting {
  readonly format: Format;
  readonly records: readonly string[];
  /** Bodies of requests, with secrets in indexed fields. */
  readonly bodies: readonly string[];
}

/** All that is planted, and the secrets. */
export interface Planted {
  readonly plantings: readonly Planting[];
  readonly sought: readonly Sought[];
}

/** Plants one in `every` secret. */
export function plantAll(seed: number, every: number): Planted {
  const random = new RandomSource(seed);
  const sought: Sought[] = [];
  let count = 0;
  const plant = (about: string, make: (text: string) => string): string[] =>
    plantedSecrets(random).flatMap(({ detector, text, secret }) => {
      count += 1;
      if (count % every !== 0) return [];
      sought.push({ secret, about: `${detector}, ${about}` });
      return [make(text)];
    });
  const plantings = formats.map((format) => {
    const record = (place: Place): string[] =>
      plant(`${format.name}, ${place.name}`, (text) => format.record(place, text, random));
    const records = places.flatMap(record);
    records.push(...plant(`${format.name}, text line`, (text) => format.line(text)));
    const bodies = plant(`${format.name}, indexed field`, (text) => {
      const event = format.record(places[0]!, "nothing", random);
      const fields = { note: text, [text]: "x", list: ["x", `see ${text}`] };
      return JSON.stringify({ event: event.startsWith("{") ? JSON.parse(event) : event, fields });
    });
    return { format, records, bodies };
  });
  return { plantings, sought };
}
