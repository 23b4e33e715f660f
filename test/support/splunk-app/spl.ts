/**
 * What a search of the app names: macros, fields, values. It knows the part of SPL that the app uses, and throws at all
 * else, so that nothing is passed over because it was not understood.
 */

/** Commands that read and compute. None writes, sends, deletes or runs anything. */
const commands = setOf(
  "append bin eval eventstats fields fillnull mvexpand rename search sort spath stats table timechart tstats where",
);
const functions = setOf(
  "case coalesce count dc floor if isnotnull isnull latest max min now null strftime substr sum true",
);
const words = setOf("AS BY AND OR NOT IN WHERE");
/** Commands in which `count` may stand without brackets. */
const counting = setOf("stats eventstats timechart tstats");
/** Commands after which only the fields are left that they name. */
const narrowing = setOf("stats timechart tstats");
/** What is set by `name=value`: times of a search, and options of commands. */
const settings = /\b(?:_index_)?(?:earliest|latest)=[-+@\w]+|\b(?:span|limit|prestats|value)=\w+/g;
const part_shape = /"[^"]*"|[A-Za-z_][\w.]*|\d+|[|[\](),]|[<>!]?=|[-+*/<>]/y;

export interface Named {
  /** Fields that have to be in the events: all but those that the search makes. */
  readonly fields: ReadonlySet<string>;
  /** Fields of events, and the texts that they are compared with: `field "text"`. */
  readonly values: ReadonlySet<string>;
}

/** A search with its macros put in. Throws where there is no such macro. */
export function expanded(query: string, macros: ReadonlyMap<string, string>): string {
  return query.replaceAll(/`([^`]*)`/g, (_, name: string) => {
    const definition = macros.get(name);
    if (definition === undefined) throw new Error(`no macro ${name}`);
    return expanded(definition, macros);
  });
}

/** What a search names, its macros put in. */
export function namesIn(query: string): Named {
  return new Reading(partsOf(query)).named;
}

/** What is known at a place in a search. */
interface Scope {
  command: string;
  /** Fields that the search has made, and the field of the events that each is another name of. */
  readonly made: Map<string, string | undefined>;
  /** Whether fields of the events are gone, but for those made. */
  is_narrow: boolean;
}

class Reading {
  readonly #parts: readonly string[];
  readonly #fields = new Set<string>();
  readonly #values = new Set<string>();
  /** Of the searches around this one, and of open round brackets. */
  readonly #open: (Scope | "(")[] = [];
  #scope: Scope = { command: "search", made: new Map(), is_narrow: false };
  /** What the command makes, from its end on. */
  #making: [string, string | undefined][] = [];

  constructor(parts: readonly string[]) {
    this.#parts = parts;
    for (const at of parts.keys()) this.#read(at);
    if (this.#open.length > 0) throw new Error("a bracket is left open");
  }

  get named(): Named {
    return { fields: this.#fields, values: this.#values };
  }

  #read(at: number): void {
    const part = this.#parts[at]!;
    if (part === "(") this.#open.push(part);
    else if (part === ")") this.#close("(");
    else if (part === "[") this.#enter();
    else if (part === "]") this.#leave();
    else if (part === "|") this.#endCommand();
    else if (part === "," && this.#open.at(-1) !== "(") this.#endMember();
    else if (/^[A-Za-z_]/.test(part) && !words.has(part)) this.#name(at, part);
  }

  #enter(): void {
    this.#open.push(this.#scope);
    this.#scope = { command: "search", made: new Map(), is_narrow: false };
  }

  #leave(): void {
    this.#endCommand();
    const { made } = this.#scope;
    this.#scope = this.#close("[") as Scope;
    // The rows of the search inside have its fields.
    if (this.#scope.command === "append") for (const [name] of made) this.#makes(name);
  }

  #close(bracket: "(" | "["): Scope | "(" {
    const opened = this.#open.pop();
    if (opened === undefined || (opened === "(") !== (bracket === "("))
      throw new Error(`a bracket closes nothing, or another: ${this.#parts.join(" ")}`);
    return opened;
  }

  #endCommand(): void {
    if (narrowing.has(this.#scope.command)) {
      this.#scope.made.clear();
      this.#scope.is_narrow = true;
    }
    this.#make();
  }

  #makes(name: string, other_name_of?: string): void {
    this.#making.push([name, other_name_of]);
  }

  /** What `stats` makes is there when all of it is. */
  #endMember(): void {
    if (!narrowing.has(this.#scope.command)) this.#make();
  }

  #make(): void {
    for (const [name, source] of this.#making.splice(0)) this.#scope.made.set(name, source);
  }

  #name(at: number, part: string): void {
    const { command, made } = this.#scope;
    const [before, next] = [this.#parts[at - 1], this.#parts[at + 1]];
    const is_inside = this.#open.at(-1) === "(";
    if (before === "|" || (before === "[" && part === "search")) this.#begin(part);
    else if (before === "AS") this.#makes(part, this.#sourceBefore(at - 1));
    else if (next === "(") {
      if (!functions.has(part)) throw new Error(`no function that is known: ${part}`);
    } else if (command === "spath") this.#namePath(at, part);
    else if (command === "eval" && next === "=" && !is_inside) this.#makes(part);
    else if (part === "count" && counting.has(command) && !is_inside) {
      if (next !== "AS") this.#makes(part);
    } else {
      this.#use(part);
      const source = made.has(part) ? made.get(part) : part;
      for (const text of this.#textsAfter(at)) this.#values.add(`${source} ${text}`);
      if (narrowing.has(command)) this.#makes(part, source);
    }
  }

  /** `spath input=FIELD path="PATH" output=NAME`. */
  #namePath(at: number, part: string): void {
    const [option, sign] = this.#parts.slice(at - 2, at);
    if (sign !== "=") return;
    if (option === "output") this.#makes(part);
    else if (option === "input") this.#use(part);
    else throw new Error(`not understood: ${option}=${part}`);
  }

  /** The field that another name is given to there: `rename x AS y`, `latest(x) AS y`. */
  #sourceBefore(at: number): string | undefined {
    const { command, made } = this.#scope;
    const [called, open, field, close] = this.#parts.slice(at - 4, at);
    const is_whole = close === ")" && open === "(" && called === "latest";
    const source = command === "rename" ? close : is_whole ? field : undefined;
    return source !== undefined && made.has(source) ? made.get(source) : source;
  }

  #begin(command: string): void {
    if (!commands.has(command)) throw new Error(`no command that is known: ${command}`);
    this.#scope.command = command;
  }

  #use(field: string): void {
    const { made, is_narrow } = this.#scope;
    if (made.has(field)) return;
    if (is_narrow) throw new Error(`${field} is not there any more: ${this.#parts.join(" ")}`);
    this.#fields.add(field);
  }

  /** The texts that the name there is compared with. */
  #textsAfter(at: number): string[] {
    const [sign, ...after] = this.#parts.slice(at + 1);
    const until = sign === "IN" ? after.indexOf(")") : /^!?=$/.test(sign ?? "") ? 1 : 0;
    return after.slice(0, until).filter((text) => text.startsWith('"'));
  }
}

function partsOf(query: string): string[] {
  // A token of a dashboard is a text, whatever it is, and so is any value.
  const plain = query
    .replaceAll(/\$\w+\|s\$/g, '"*"')
    .replaceAll(settings, "")
    .replaceAll("=*", '="*"')
    .trim();
  const parts: string[] = [];
  for (let end = 0; end < plain.length;) {
    part_shape.lastIndex = end;
    const [part] = part_shape.exec(plain) ?? [];
    if (part === undefined) throw new Error(`not understood: ${plain.slice(end)}`);
    parts.push(part);
    end += part.length;
    while (/\s/.test(plain[end] ?? "")) end += 1;
  }
  return parts;
}

function setOf(text: string): ReadonlySet<string> {
  return new Set(text.split(" "));
}
