/** What is wrong in an expression for Prometheus: how it is written, and the metrics and labels that it names. */
import { parser } from "@prometheus-io/lezer-promql";
import { metrics } from "../../../src/admin/metrics/metrics.ts";

type Node = ReturnType<typeof parser.parse>["topNode"];

/** Those that Prometheus gives everything that it reads. */
const target_labels = ["job", "instance"];

/** The labels of every metric, by the names of its series; `up` is Prometheus' own. */
const labels_by_series = new Map<string, readonly string[]>([
  ["up", []],
  ...metrics.flatMap(({ name, type, labels }): [string, readonly string[]][] =>
    type === "histogram"
      ? [
          [`${name}_bucket`, [...labels, "le"]],
          [`${name}_sum`, labels],
          [`${name}_count`, labels],
        ]
      : [[name, labels]],
  ),
]);

export interface Looked {
  /** What is wrong; empty where nothing is. */
  readonly wrong: readonly string[];
  /** The series that are named. */
  readonly series: ReadonlySet<string>;
  /** The labels that the result can have. */
  readonly labels: ReadonlySet<string>;
}

/** Looks at an expression of PromQL. */
export function lookAt(expr: string): Looked {
  const look = new Look(expr);
  const labels = look.labelsOf(parser.parse(expr).topNode);
  return { wrong: look.wrong, series: look.series, labels: new Set(labels) };
}

class Look {
  readonly wrong: string[] = [];
  readonly series = new Set<string>();
  readonly #expr: string;

  constructor(expr: string) {
    this.#expr = expr;
  }

  labelsOf(node: Node): string[] {
    if (node.type.isError) this.#complain(`"${this.#text(node) || "nothing"}" is no PromQL`, node);
    if (node.name === "VectorSelector") return this.#ofSelector(node);
    if (node.name === "AggregateExpr") return this.#ofAggregation(node);
    if (node.name === "BinaryExpr") return this.#ofOperation(node);
    const below = childrenOf(node).flatMap((child) => this.labelsOf(child));
    const takes_buckets = this.#text(node).startsWith("histogram_quantile");
    if (node.name !== "FunctionCall" || !takes_buckets) return below;
    if (!below.includes("le")) this.#complain("histogram_quantile needs the label le", node);
    return below.filter((label) => label !== "le");
  }

  #ofSelector(node: Node): string[] {
    const identifier = node.getChild("Identifier");
    const name = identifier === null ? "" : this.#text(identifier);
    this.series.add(name);
    const own = labels_by_series.get(name);
    if (own === undefined) this.#complain(`there is no metric "${name}"`, node);
    const known = [...(own ?? []), ...target_labels];
    this.#labelsIn(node.getChild("LabelMatchers"), known);
    for (const child of childrenOf(node)) if (child.type.isError) this.labelsOf(child);
    return known;
  }

  #ofAggregation(node: Node): string[] {
    const body = node.getChild("FunctionCallBody");
    const below = body === null ? [] : this.labelsOf(body);
    for (const child of childrenOf(node)) if (child.type.isError) this.labelsOf(child);
    const modifier = node.getChild("AggregateModifier");
    const named = this.#labelsIn(modifier, below);
    if (modifier?.getChild("Without")) return below.filter((label) => !named.includes(label));
    return /^(top|bottom)k\b/.test(this.#text(node)) ? below : named;
  }

  #ofOperation(node: Node): string[] {
    const modifier = node.getChild("MatchingModifierClause");
    const below = childrenOf(node)
      .filter((child) => child.name !== "MatchingModifierClause")
      .map((child) => this.labelsOf(child));
    this.#labelsIn(modifier, below.flat());
    return below.flat();
  }

  /** The names of labels below a node, each of which has to be known. */
  #labelsIn(node: Node | null, known: readonly string[]): string[] {
    if (node === null) return [];
    const own = node.name === "LabelName" ? [this.#text(node)] : [];
    for (const label of own) {
      if (!known.includes(label)) this.#complain(`there is no label "${label}" here`, node);
    }
    if (node.type.isError) this.labelsOf(node);
    return [...own, ...childrenOf(node).flatMap((child) => this.#labelsIn(child, known))];
  }

  #text({ from, to }: Node): string {
    return this.#expr.slice(from, to);
  }

  #complain(what: string, { from }: Node): void {
    this.wrong.push(`${what}, at ${from} of ${this.#expr}`);
  }
}

function childrenOf(node: Node): Node[] {
  const children: Node[] = [];
  for (let child = node.firstChild; child !== null; child = child.nextSibling) children.push(child);
  return children;
}
