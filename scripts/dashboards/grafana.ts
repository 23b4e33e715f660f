/**
 * Dashboards as Grafana imports them, from what is shown in them: identities, places and colours come from here, so that
 * all of them look the same.
 */
import { metrics } from "../../src/admin/metrics/metrics.ts";
import { neutral, type Column, type Dashboard, type Panel, type Row } from "./contents.ts";
import type { Steps, Variable } from "./contents.ts";

const source = { type: "prometheus", uid: "${datasource}" };
const grid_width = 24;

/** The file to import. */
export function grafanaFile(dashboard: Dashboard): string {
  const { uid, title, description, variables, rows, marks = {} } = dashboard;
  const model = {
    annotations: { list: Object.entries(marks).map(([name, expr]) => mark(name, expr)) },
    description,
    editable: true,
    graphTooltip: 1,
    // Grafana gives it one.
    id: null,
    links: [
      {
        asDropdown: false,
        icon: "external link",
        includeVars: true,
        keepTime: true,
        tags: ["tallyman"],
        targetBlank: false,
        title: "tallyman",
        tooltip: "The other dashboards of tallyman",
        type: "dashboards",
      },
    ],
    panels: placed(rows),
    refresh: "30s",
    schemaVersion: 41,
    tags: ["tallyman"],
    templating: { list: [sourceVariable, ...variables.map(variable)] },
    time: { from: "now-6h", to: "now" },
    timepicker: {},
    timezone: "browser",
    title,
    uid,
    version: 1,
  };
  return `${JSON.stringify(model, undefined, 2)}\n`;
}

/** The panels from left to right and from top to bottom, each row under its title. */
function placed(rows: readonly Row[]): object[] {
  const found: object[] = [];
  let y = 0;
  for (const { title, panels } of rows) {
    const gridPos = { h: 1, w: grid_width, x: 0, y };
    found.push({ collapsed: false, gridPos, id: found.length + 1, panels: [], title, type: "row" });
    y += 1;
    let [x, height] = [0, 0];
    for (const panel of panels) {
      if (x + panel.width > grid_width) [x, y, height] = [0, y + height, 0];
      const place = { h: panel.height, w: panel.width, x, y };
      found.push({ id: found.length + 1, gridPos: place, ...panelModel(panel) });
      x += panel.width;
      height = Math.max(height, panel.height);
    }
    y += height;
  }
  return found;
}

function panelModel(panel: Panel): object {
  const { kind, title, queries, unit, steps, words, max, signed, columns = {} } = panel;
  const is_now = kind === "stat" || kind === "table";
  return {
    datasource: source,
    description: panel.description ?? helpOf(queries[0]!.expr),
    fieldConfig: {
      defaults: {
        color: { mode: is_now || kind === "state-timeline" ? "thresholds" : "palette-classic" },
        custom: customOf(panel),
        mappings: mappingsOf(words),
        ...(kind === "timeseries" && signed !== true && { min: 0 }),
        ...(max !== undefined && { max }),
        thresholds: thresholdsOf(steps ?? neutral),
        unit,
      },
      overrides: Object.values(columns).map(override),
    },
    options: optionsOf(panel),
    targets: queries.map(({ expr, legend }, index) => ({
      datasource: source,
      editorMode: "code",
      expr,
      format: kind === "table" ? "table" : "time_series",
      instant: is_now,
      range: !is_now,
      legendFormat: legend ?? "",
      refId: String.fromCodePoint(65 + index),
    })),
    title,
    ...(kind === "table" && { transformations: transformationsOf(panel) }),
    type: kind,
  };
}

/** The help of the first metric of an expression. */
function helpOf(expr: string): string {
  const [name = ""] = /\b(?:tallyman|process|nodejs)_[a-z_]+/.exec(expr) ?? [];
  const found = metrics.find((metric) => metric.name === name.replace(/_bucket$/, ""));
  if (found === undefined) throw new Error(`what the panel of ${expr} is about has to be said`);
  return found.help.replaceAll("`", "");
}

function customOf({ kind, stacked, steps }: Panel): object {
  if (kind === "timeseries") {
    return {
      drawStyle: "line",
      fillOpacity: stacked === true ? 30 : 5,
      lineWidth: 1,
      showPoints: "auto",
      spanNulls: false,
      stacking: { group: "A", mode: stacked === true ? "normal" : "none" },
      thresholdsStyle: { mode: steps === undefined ? "off" : "dashed" },
    };
  }
  if (kind === "table") return { align: "auto", cellOptions: { type: "auto" }, filterable: true };
  if (kind === "state-timeline") return { fillOpacity: 70, lineWidth: 0 };
  return {};
}

function optionsOf({ kind, shows_name }: Panel): object {
  const legend = { calcs: ["lastNotNull"], displayMode: "table", placement: "bottom" };
  if (kind === "timeseries") {
    return { legend: { ...legend, showLegend: true }, tooltip: { mode: "multi", sort: "desc" } };
  }
  if (kind === "table") return { cellHeight: "sm", showHeader: true };
  if (kind === "state-timeline") {
    return {
      legend: { calcs: [], displayMode: "list", placement: "bottom", showLegend: false },
      mergeValues: true,
      rowHeight: 0.8,
      showValue: "auto",
      tooltip: { mode: "single", sort: "none" },
    };
  }
  return {
    colorMode: "value",
    graphMode: "none",
    justifyMode: "auto",
    orientation: "auto",
    reduceOptions: { calcs: ["lastNotNull"], fields: "", values: false },
    textMode: shows_name === true ? "name" : "auto",
  };
}

function thresholdsOf(steps: Steps): object {
  return { mode: "absolute", steps: steps.map(([value, color]) => ({ color, value })) };
}

function mappingsOf(words: Panel["words"]): object[] {
  if (words === undefined) return [];
  const entries = Object.entries(words).map(([value, [text, color]], index) => [
    value,
    { color, index, text },
  ]);
  return [{ options: Object.fromEntries(entries) as object, type: "value" }];
}

/** One line for each set of labels, with the columns that have a title. */
function transformationsOf({ columns = {} }: Panel): object[] {
  const names = Object.keys(columns);
  const shown = Object.entries(columns).map(([name, { title }]) => [name, title]);
  return [
    { id: "merge", options: {} },
    { id: "filterFieldsByName", options: { include: { names } } },
    {
      id: "organize",
      options: {
        excludeByName: {},
        indexByName: Object.fromEntries(names.map((name, index) => [name, index])),
        renameByName: Object.fromEntries(shown) as object,
      },
    },
  ];
}

function override({ title, unit, steps, words, link }: Column): object {
  const properties = [
    ...(unit === undefined ? [] : [{ id: "unit", value: unit }]),
    ...(words === undefined ? [] : [{ id: "mappings", value: mappingsOf(words) }]),
    ...(steps === undefined
      ? []
      : [
          { id: "thresholds", value: thresholdsOf(steps) },
          { id: "custom.cellOptions", value: { type: "color-text" } },
        ]),
    ...(link === undefined
      ? []
      : [{ id: "links", value: [{ targetBlank: false, title: "Show this one", url: link }] }]),
  ];
  return { matcher: { id: "byName", options: title }, properties };
}

const sourceVariable = {
  hide: 0,
  includeAll: false,
  label: "Data source",
  multi: false,
  name: "datasource",
  options: [],
  query: "prometheus",
  refresh: 1,
  regex: "",
  skipUrlSync: false,
  type: "datasource",
};

function variable({ name, label, from, several }: Variable): object {
  const query = `label_values(${from}, ${name})`;
  return {
    ...(several && { current: { text: ["All"], value: ["$__all"] } }),
    datasource: source,
    definition: query,
    hide: 0,
    includeAll: several,
    label,
    multi: several,
    name,
    options: [],
    query: { qryType: 1, query, refId: "PrometheusVariableQueryEditor-VariableQuery" },
    // Those of the time that is shown.
    refresh: 2,
    regex: "",
    skipUrlSync: false,
    sort: 1,
    type: "query",
  };
}

function mark(name: string, expr: string): object {
  return {
    datasource: source,
    enable: true,
    hide: false,
    iconColor: "blue",
    name,
    target: { expr, interval: "60s", refId: "Anno" },
    titleFormat: name,
    useValueForTime: true,
  };
}
