/**
 * What a plugin is given when a step is created: it compiles paths and conditions, and collects what is wrong
 * with them. A mistake is placed at the option that holds the text it is in, so plugins need not say where.
 */
import type { Pack } from "../detectors/packs/pack.ts";
import type { Event, StringSecrets } from "../event/event.ts";
import { type Path, PathError, type PathOptions } from "../event/scan/path.ts";
import type { Clock } from "../platform/clock.ts";
import { type Complaint, messageOf } from "../platform/errors.ts";
import type { PlaceOfFiles } from "../platform/files/confined.ts";
import { StepFailure } from "../platform/step-failure.ts";
import { ExpressionError } from "./conditions/cel-literal.ts";
import { compileCondition } from "./conditions/condition.ts";
import type { Destinations } from "./destinations.ts";
import type { FileLists } from "./lists/file-lists.ts";
import { eventKey } from "./event-key.ts";
import { placeOfText } from "./find-text.ts";
import type { NamedValue } from "./name-watch.ts";
import type { PathPool } from "./path-pool.ts";
import { pluginLog, type PluginLogDeps } from "./plugin-log/plugin-log.ts";
import { encodedRules } from "./redaction/encoded-rules.ts";
import { lastLook } from "./redaction/last-look.ts";
import { namedSecrets } from "./redaction/named-secrets.ts";
import { pseudonyms } from "./redaction/pseudonyms.ts";
import type { PatternsInUse } from "./redaction-watch.ts";
import type { PathTo } from "./redaction/step-detectors.ts";
import { fieldsRedactor, metadataRedactor } from "./redaction/secret-fields.ts";
import type {
  Condition,
  KeyOptions,
  Lookup,
  PluginContext,
  SecretDetectors,
  SecretPack,
  SecretPattern,
  TextFormat,
  TextMask,
  TextParser,
} from "../plugin.ts";
import type { Secrets } from "./masking/secrets.ts";

type Place = Complaint["path"];

export interface StepContextDeps extends PluginLogDeps {
  /** The step's options as written, in which the place of a text is looked up. */
  readonly options: unknown;
  /** Where they are in the configuration. */
  readonly at: Place;
  readonly paths: PathPool;
  readonly secrets: Secrets;
  readonly destinations: Destinations;
  /** The lists that conditions read from files. */
  readonly lists: FileLists;
  /** Where packs of the user's own are. */
  readonly files: PlaceOfFiles;
  /** Whether its events have been through a former chain. */
  readonly again: boolean;
  readonly clock: Clock;
  readonly complain: (path: Place, message: string) => void;
  /** Takes what is likely not meant so, though it can be used. */
  readonly warn: (path: Place, message: string) => void;
}

export class StepContext {
  readonly #step: string;
  readonly #deps: StepContextDeps;
  #state: "open" | "closed" = "open";
  /** The paths that the step has declared to lead to secrets, but for those that its detectors know. */
  readonly secret_paths: Path[] = [];
  /** Its last look at every event that the chain keeps. */
  isClean: ((event: Event) => boolean) | undefined = undefined;
  /** Its own patterns of secrets. */
  readonly patterns: PatternsInUse = { names: [], found: new Set() };
  /** Those that its detectors and packs know, which may well find nothing. */
  readonly known_paths = new Set<Path>();
  /** The values that the step names by exact paths. */
  readonly named: NamedValue[] = [];
  readonly #known_patterns = new Set<SecretPattern>();

  constructor(step: string, deps: StepContextDeps) {
    this.#step = step;
    this.#deps = deps;
  }

  get step(): string {
    return this.#step;
  }

  /** Where the step's options are in the configuration. */
  get at(): Place {
    return this.#deps.at;
  }

  /** Complains about the option at `place`, counted from the step's options. */
  refuse(place: Place, message: string): void {
    this.#deps.complain([...this.#deps.at, ...place], message);
  }

  /** The condition under `when`, whose place is `at`. */
  when(expression: string, at: Place): Condition {
    return this.#condition(expression, at);
  }

  /** After this, no path or secret can be added: the scan and the mask are made of those that there are. */
  close(): void {
    this.#state = "closed";
  }

  forPlugin(): PluginContext {
    const [{ again, clock, secrets }, step] = [this.#deps, this.#step];
    return {
      step,
      path: (text, options) => this.#path(text, options),
      keys: (names, options) => this.#keys(names, options),
      pseudonym: (key) => pseudonyms(key, again),
      condition: (expression) => this.#condition(expression, this.#placeOf(expression)),
      output: (name) => this.#output(name),
      key: (paths, salt = "") => eventKey(paths, salt),
      lookup: (path) => this.#lookup(path),
      parser: (format) => this.#parser(format),
      verify: (own_secrets, detected, encodings = []) => {
        this.#assertOpen("verify");
        this.isClean = lastLook({ secrets: this.#decoded(own_secrets), detected, encodings });
      },
      monotonic: () => clock.monotonic(),
      detectors: (names, patterns = []) => this.#detectors(names, patterns),
      packs: (names) => this.#packs(names),
      encoded: (encodings, own_secrets, detected) => {
        this.#assertOpen("encoded");
        const rules = encodedRules({ encodings, secrets: this.#decoded(own_secrets), detected });
        if (rules !== undefined) secrets.addEncoded(rules);
        return rules;
      },
      named: (paths) => namedSecrets(paths, this.#deps.paths),
      fields: fieldsRedactor,
      metadata: metadataRedactor,
      secrets: (paths, replacement, detected): TextMask => {
        this.#assertOpen("secrets");
        this.secret_paths.push(...paths.filter((path) => !this.known_paths.has(path)));
        return secrets.add(paths, replacement, detected);
      },
      log: pluginLog(step, this.#deps),
    };
  }

  /** The same for content that is decoded: its mask decodes nothing, so that the encodings in each other have a bound. */
  #decoded(own_secrets: StringSecrets): StringSecrets {
    return { ...own_secrets, mask: this.#deps.secrets.plain_mask };
  }

  #path(text: string, options?: PathOptions): Path {
    this.#assertOpen("path");
    try {
      const path = this.#deps.paths.path(text, options);
      if (!path.secret) this.named.push({ path, by: "path" });
      return path;
    } catch (thrown) {
      if (!(thrown instanceof PathError)) throw thrown;
      this.#deps.complain(this.#placeOf(text), `this path is wrong: ${thrown.message}`);
      return this.#deps.paths.path("_");
    }
  }

  #keys(names: readonly string[], { ignore_case = true }: KeyOptions = {}): Path[] {
    this.#assertOpen("keys");
    const isException = (name: string): boolean => name.startsWith("!");
    const exceptions = names.filter(isException).map((name) => name.slice(1));
    return names.flatMap((name) => {
      if (isException(name)) return [];
      try {
        return [this.#deps.paths.keys([name], { ignore_case, exceptions })];
      } catch (thrown) {
        if (!(thrown instanceof PathError)) throw thrown;
        this.#deps.complain(this.#placeOf(name), `this name of a key is wrong: ${thrown.message}`);
        return [];
      }
    });
  }

  #condition(expression: string, at: Place): Condition {
    this.#assertOpen("condition");
    try {
      const { clock, lists, paths } = this.#deps;
      return compileCondition(expression, {
        clock,
        lists,
        path: (text, expected) => {
          const path = paths.path(text);
          this.named.push({ path, by: "condition", expected });
          return path;
        },
        note: ({ message, position }) => {
          this.#deps.warn(at, `in this condition, at character ${position + 1}, ${message}`);
        },
      });
    } catch (thrown) {
      if (!(thrown instanceof ExpressionError)) throw thrown;
      const where = `at character ${thrown.position + 1}`;
      this.#deps.complain(at, `this condition is wrong ${where}: ${thrown.message}`);
      return () => false;
    }
  }

  async #lookup(path: string): Promise<Lookup> {
    this.#assertOpen("lookup");
    try {
      const table = await this.#deps.lists.openTable(path);
      for (const message of table.doubts) this.#deps.warn(this.#placeOf(path), message);
      return { get: (key) => table.content.get(key) };
    } catch (thrown) {
      this.#deps.complain(this.#placeOf(path), messageOf(thrown));
      return { get: () => undefined };
    }
  }

  async #parser(format: TextFormat): Promise<TextParser> {
    this.#assertOpen("parser");
    const { textParser } = await import("./parsing/text-parser.ts");
    const parse = await textParser(format);
    if (typeof parse !== "string") return parse;
    const place = format.format === "regex" ? this.#placeOf(format.pattern) : this.at;
    this.#deps.complain(place, parse);
    return () => undefined;
  }

  async #detectors(
    names: readonly string[],
    patterns: readonly SecretPattern[],
  ): Promise<SecretDetectors> {
    this.#assertOpen("detectors");
    const [{ Detectors }, { DetectorError }, { stepDetectors }] = await Promise.all([
      import("../detectors/detectors.ts"),
      import("../detectors/contract/detector-error.ts"),
      import("./redaction/step-detectors.ts"),
    ]);
    const pathTo: PathTo = (keys, options) => {
      this.#assertOpen("detectors");
      return this.#known(this.#deps.paths.keys(keys, options));
    };
    try {
      const detectors = await Detectors.create(names, patterns);
      for (const warning of detectors.warnings) this.#deps.warn(this.at, warning);
      const own = patterns.filter((pattern) => !this.#known_patterns.has(pattern));
      this.patterns.names.push(...own.map(({ name }) => name));
      return stepDetectors(detectors, pathTo, this.patterns.found);
    } catch (thrown) {
      if (!(thrown instanceof DetectorError)) throw thrown;
      const { option, index, message } = thrown;
      const text = option === "detect" ? names[index] : patterns[index]?.match;
      this.#deps.complain(this.#placeOf(text ?? ""), message);
      return stepDetectors(await Detectors.create([]), pathTo, new Set());
    }
  }

  async #packs(names: readonly string[]): Promise<SecretPack> {
    this.#assertOpen("packs");
    const [{ loadPack }, { stepPacks }] = await Promise.all([
      import("../detectors/packs/load-pack.ts"),
      import("./redaction/step-packs.ts"),
    ]);
    const { folder, directories } = this.#deps.files;
    const packs: Pack[] = [];
    for (const name of names) {
      try {
        const pack = await loadPack(name, folder, directories);
        packs.push(pack);
        for (const pattern of pack.patterns) this.#known_patterns.add(pattern);
      } catch (thrown) {
        this.#deps.complain(this.#placeOf(name), messageOf(thrown));
      }
    }
    return stepPacks(packs, {
      path: (text, options) => this.#known(this.#path(text, options)),
      keys: (keys, options) => this.#known(this.#deps.paths.keys(keys, options)),
    });
  }

  /** What tallyman knows of itself may well find nothing. */
  #known(path: Path): Path {
    this.known_paths.add(path);
    return path;
  }

  #output(name: string): string {
    this.#assertOpen("output");
    const mistake = this.#deps.destinations.add(name);
    if (mistake !== undefined) this.#deps.complain(this.#placeOf(name), mistake);
    return name;
  }

  #assertOpen(call: string): void {
    if (this.#state === "open") return;
    throw new StepFailure(`context.${call}() may be called only while the step is created`);
  }

  #placeOf(text: string): Place {
    const { options, at } = this.#deps;
    return [...at, ...placeOfText(options, text)];
  }
}
