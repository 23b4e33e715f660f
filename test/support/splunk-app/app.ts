/** What is in the app for Splunk: its .conf files, its dashboards, and every search in them. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export const app = "splunk-app/tallyman";
const views = `${app}/default/data/ui/views`;

export type Stanza = Record<string, string>;

/** A .conf file by stanza. Throws at a line that is none of one, and at what is there twice. */
export function readConf(name: string): Map<string, Stanza> {
  const stanzas = new Map<string, Stanza>();
  let stanza: Stanza | undefined;
  // A line that ends with a backslash goes on with the next.
  for (const line of readFileSync(join(app, name), "utf8").split(/(?<!\\)\n/)) {
    if (line === "" || line.startsWith("#")) continue;
    const [, title] = /^\[(.*)\]$/.exec(line) ?? [];
    const [, key, value] = /^([\w.-]+) = (.*)$/s.exec(line) ?? [];
    if (title !== undefined && !stanzas.has(title)) stanzas.set(title, (stanza = {}));
    else if (stanza !== undefined && key !== undefined && !(key in stanza))
      stanza[key] = value!.replaceAll("\\\n", "\n");
    else throw new Error(`${name}: ${line}`);
  }
  return stanzas;
}

export interface DataSource {
  readonly type: string;
  readonly options: {
    readonly query?: string;
    readonly extend?: string;
    readonly ref?: string;
    readonly queryParameters?: Record<string, string>;
  };
}

export interface Visualization {
  readonly type: string;
  readonly options?: Record<string, unknown>;
  readonly dataSources?: Record<string, string>;
}

interface Block {
  readonly item: string;
  readonly position: {
    readonly x: number;
    readonly y: number;
    readonly w: number;
    readonly h: number;
  };
}

/** The definition of a Dashboard Studio dashboard, as far as tests look at it. */
export interface Definition {
  readonly title: string;
  readonly dataSources: Record<string, DataSource>;
  readonly visualizations: Record<string, Visualization>;
  readonly inputs: Record<string, { readonly options: { readonly token: string } }>;
  readonly layout: {
    readonly globalInputs: string[];
    readonly tabs: { readonly items: { readonly layoutId: string }[] };
    readonly layoutDefinitions: Record<string, { readonly structure: Block[] }>;
  };
}

export interface Dashboard {
  readonly name: string;
  readonly xml: string;
  readonly definition: Definition;
}

const view =
  /^<dashboard version="2">\n {2}<label>[^<>&]+<\/label>\n {2}<description>[^<>&]+<\/description>\n {2}<definition><!\[CDATA\[\n(.+)\n {2}\]\]><\/definition>\n<\/dashboard>\n$/s;

/** The dashboards. Throws where a view is not XML around JSON, as Dashboard Studio writes it. */
export function dashboards(): Dashboard[] {
  return readdirSync(views).map((file) => {
    const xml = readFileSync(join(views, file), "utf8");
    const [, json] = view.exec(xml) ?? [];
    if (json === undefined || json.includes("]]>")) throw new Error(`${file}: no Studio view`);
    return { name: file.replace(/\.xml$/, ""), xml, definition: JSON.parse(json) as Definition };
  });
}

export interface Search {
  /** Where it stands. */
  readonly place: string;
  readonly query: string;
}

/** Every search of the app. One that goes on with another begins with that. */
export function searches(): Search[] {
  const saved = [...readConf("default/savedsearches.conf")].map(([title, { search = "" }]) => {
    return { place: title, query: search };
  });
  const shown = dashboards().flatMap(({ name, definition: { dataSources } }) =>
    Object.entries(dataSources).flatMap(([id, { options }]) => {
      const { query, extend } = options;
      if (query === undefined) return [];
      const base = extend === undefined ? "" : `${dataSources[extend]!.options.query!} `;
      return [{ place: `${name}: ${id}`, query: base + query }];
    }),
  );
  return [...saved, ...shown];
}
