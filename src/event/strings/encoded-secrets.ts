/** What is to be done with what strings hold in an encoding. Types of the plugin API, without types of Node. */
import type { Path } from "../scan/path.ts";
import type { DetectedSecrets } from "./detected-secrets.ts";

/** What a string may hold. JSON is always looked into. */
export type Encoding = "json" | "url" | "base64" | "hex";

/** Where in a record something encoded is. */
export interface EncodedPlace {
  /** Encodings around it. */
  readonly level: number;
  /** Counts what was looked at in this record. */
  readonly looked: { count: number };
}

/** What is to be done with encoded content of strings. */
export interface EncodedSecrets {
  readonly encodings: ReadonlySet<Encoding>;
  readonly replacement: string;
  readonly detected: DetectedSecrets | undefined;
  /** Takes the secrets out of JSON; undefined for what cannot be read as such. */
  readonly redactJson: (json: Uint8Array, place: EncodedPlace) => Uint8Array | undefined;
  /** Masks secrets in what begins like JSON and is none. */
  readonly mask: (text: string) => string;
  /** The paths of the rules, and whether one has found something in encoded content. */
  readonly paths: readonly Path[];
  readonly hasFound: (path: Path) => boolean;
  /** Default: a record, or text, that is not in an encoding. */
  readonly place?: EncodedPlace | undefined;
}
