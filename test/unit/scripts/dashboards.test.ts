/** The dashboards for Grafana, as they are imported: their structure, and that all that they ask for is there. */
import { globSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { describe, expect, test } from "vitest";
import { metrics } from "../../../src/admin/metrics/metrics.ts";
import { lookAt } from "../../support/documents/promql.ts";

interface Target {
  expr: string;
  refId: string;
  legendFormat: string;
  format: string;
  datasource: unknown;
}

interface Field {
  unit: string;
  thresholds: { mode: string; steps: { color: string; value: number | null }[] };
}

interface Panel {
  id: number;
  type: string;
  title: string;
  description?: string;
  gridPos: { x: number; y: number; w: number; h: number };
  targets?: Target[];
  fieldConfig: {
    defaults: Field;
    overrides: {
      matcher: { options: string };
      properties: { id: string; value: unknown }[];
    }[];
  };
  datasource: unknown;
  transformations?: { options: { include?: { names: string[] }; renameByName?: object } }[];
}

interface Variable {
  name: string;
  type: string;
  definition?: string;
  query: unknown;
}

interface Dashboard {
  id: null;
  uid: string;
  title: string;
  schemaVersion: number;
  tags: string[];
  panels: Panel[];
  templating: { list: Variable[] };
  annotations: { list: { target: { expr: string } }[] };
}

const folder = "dashboards/grafana";
const files = globSync(`${folder}/*.json`).sort();
const dashboards = files.map((file): [string, Dashboard] => [
  basename(file),
  JSON.parse(readFileSync(file, "utf8")) as Dashboard,
]);
const source = { type: "prometheus", uid: "${datasource}" };
/** Of Grafana's list, what is used. */
const units = ["short", "s", "eps", "reqps", "bytes", "binBps", "percentunit"];
/** What else is on the dashboards tells of the same: the warnings, the counters of the steps. */
const not_shown = [
  "tallyman_events_replayed_total",
  "tallyman_events_made_total",
  "tallyman_output_token_rejected",
  "tallyman_input_unfinished_bytes",
  "tallyman_input_unfinished_seconds",
  // Most agents have none of these; `tallyman fleet status` shows all agents of a fleet.
  "tallyman_fleet_configuration_serial",
  "tallyman_fleet_configurations_refused_total",
];

/** What Grafana makes of an expression before it asks. */
function asked(expr: string): string {
  return expr.replaceAll(/\$__(rate_interval|range)\b/g, "5m").replaceAll(/\$\w+/g, "value");
}

function panelsOf({ panels }: Dashboard): Panel[] {
  return panels.filter(({ type }) => type !== "row");
}

/** All that is asked of Prometheus. */
function expressionsOf(dashboard: Dashboard): string[] {
  const from = dashboard.templating.list.flatMap(({ definition }) => definition ?? []);
  return [
    ...panelsOf(dashboard).flatMap(({ targets }) => targets!.map(({ expr }) => expr)),
    ...dashboard.annotations.list.map(({ target }) => target.expr),
    ...from.map((query) => /^label_values\((.*), \w+\)$/.exec(query)![1]!),
  ];
}

test("dashboards - there is one of all agents and one of each, and Grafana can tell them apart", () => {
  expect(dashboards.map(([name]) => name)).toEqual(["agent.json", "overview.json"]);
  for (const key of ["uid", "title"] as const) {
    expect(new Set(dashboards.map(([, each]) => each[key])).size).toBe(dashboards.length);
  }
  for (const [, { id, uid, schemaVersion, tags }] of dashboards) {
    // An id would be that of another dashboard in the Grafana that imports it.
    expect(id).toBeNull();
    expect(uid).toMatch(/^[a-z-]{1,40}$/);
    expect(schemaVersion).toBe(41);
    expect(tags).toEqual(["tallyman"]);
  }
});

describe.each(dashboards)("dashboards - %s", (_, dashboard) => {
  const { panels, templating } = dashboard;

  test("every panel has an id, a title and a place of its own", () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    expect(new Set(panels.map(({ title }) => title)).size).toBe(panels.length);
    const taken = new Map<string, string>();
    for (const { title, gridPos } of panels) {
      const { x, y, w, h } = gridPos;
      expect(x + w, title).toBeLessThanOrEqual(24);
      for (let column = x; column < x + w; column += 1) {
        for (let line = y; line < y + h; line += 1) {
          const place = `${column},${line}`;
          expect(taken.get(place), `${title} lies on it`).toBeUndefined();
          taken.set(place, title);
        }
      }
    }
  });

  test("every panel says what it shows, in a unit, with colours, of the chosen data source", () => {
    for (const panel of panelsOf(dashboard)) {
      const { title, description, targets, fieldConfig, datasource } = panel;
      expect(["stat", "timeseries", "table", "state-timeline"], title).toContain(panel.type);
      expect(description, title).toMatch(/^[A-Z0-9].{15,}[.?]$/);
      expect(units, title).toContain(fieldConfig.defaults.unit);
      const { steps } = fieldConfig.defaults.thresholds;
      expect(steps[0], title).toMatchObject({ value: null });
      const values = steps.slice(1).map(({ value }) => value!);
      expect(values, title).toEqual(values.toSorted((one, other) => one - other));
      expect(targets!.length, title).toBeGreaterThan(0);
      expect(new Set(targets!.map(({ refId }) => refId)).size, title).toBe(targets!.length);
      for (const each of [datasource, ...targets!.map((target) => target.datasource)]) {
        expect(each, title).toEqual(source);
      }
    }
  });

  test("every expression is PromQL, and names metrics and labels that there are", () => {
    for (const expr of expressionsOf(dashboard)) expect(lookAt(asked(expr)).wrong).toEqual([]);
  });

  test("every label in a legend, and every column, is one that the query has", () => {
    for (const { title, type, targets, transformations, fieldConfig } of panelsOf(dashboard)) {
      const found = targets!.map(({ expr }) => lookAt(asked(expr)).labels);
      targets!.forEach(({ legendFormat }, index) => {
        for (const [, label] of legendFormat.matchAll(/\{\{(\w+)\}\}/g)) {
          expect([...found[index]!], `${title}: ${legendFormat}`).toContain(label);
        }
        if (type === "table") return;
        const named = legendFormat !== "" || found[index]!.size === 0 || type === "stat";
        expect(named, `${title} has lines without a name`).toBe(true);
      });
      if (type !== "table") continue;
      const values = targets!.map(({ refId }) =>
        targets!.length === 1 ? "Value" : `Value #${refId}`,
      );
      const known = new Set([...values, ...found.flatMap((labels) => [...labels])]);
      const { names } = transformations!.flatMap(({ options }) => options.include ?? [])[0]!;
      for (const name of names) expect(known, title).toContain(name);
      const renamed = transformations!.flatMap(({ options }) => options.renameByName ?? [])[0]!;
      const titles: unknown[] = Object.values(renamed);
      for (const { matcher } of fieldConfig.overrides) {
        expect(titles, title).toContain(matcher.options);
      }
    }
  });

  test("every variable is used, and every variable that is used is there", () => {
    const text = JSON.stringify({ ...dashboard, templating: [], links: [] });
    const used = [...text.matchAll(/\$\{?([a-z]\w*)/g)].map(([, name]) => name!);
    const names = templating.list.map(({ name }) => name);
    expect(templating.list[0]).toMatchObject({ type: "datasource", query: "prometheus" });
    expect([...new Set(used)].sort()).toEqual([...names].sort());
  });
});

test("dashboards - a link leads to a dashboard that is there, with variables that it has", () => {
  const by_uid = new Map(dashboards.map(([, each]) => [each.uid, each]));
  const links = dashboards.flatMap(([, each]) => [
    ...JSON.stringify(each).matchAll(/"url":"\/d\/([\w-]+)\?([^"]*)"/g),
  ]);
  expect(links.length).toBeGreaterThan(0);
  for (const [, uid, query] of links) {
    const names = by_uid.get(uid!)!.templating.list.map(({ name }) => name);
    for (const [, name] of query!.matchAll(/var-(\w+)=/g)) expect(names).toContain(name);
  }
});

test("dashboards - every metric is on one of them, but for those that are named here", () => {
  const series = dashboards
    .flatMap(([, each]) => expressionsOf(each))
    .flatMap((expr) => [...lookAt(asked(expr)).series])
    .map((name) => name.replace(/_bucket$/, ""));
  const missing = metrics.map(({ name }) => name).filter((name) => !series.includes(name));
  expect(missing.sort()).toEqual(not_shown.toSorted());
});

describe("promql", () => {
  test.each([
    ["sum by (input) (tallyman_events_received_total", "is no PromQL"],
    ["rate(tallyman_events_received_total[5m)", "is no PromQL"],
    ["tallyman_events_recieved_total", "there is no metric"],
    ['tallyman_events_received_total{output="a"}', 'there is no label "output"'],
    ["sum by (reason) (tallyman_events_received_total)", 'there is no label "reason"'],
    ["sum by (output) (sum by (input) (tallyman_journal_bytes))", 'there is no label "output"'],
    ["tallyman_ready / on (input) tallyman_ready", 'there is no label "input"'],
    ["histogram_quantile(0.9, sum by (output) (tallyman_delivery_latency_seconds_bucket))", "le"],
    ["tallyman_delivery_latency_seconds", "there is no metric"],
  ])("promql - of %s it says that %s", (expr, complaint) => {
    expect(lookAt(expr).wrong.join("\n")).toContain(complaint);
  });
});
