/** The dashboards of the app for Splunk: as Dashboard Studio's own schema wants them, and whole. */
import definitions from "@splunk/dashboard-definition";
import schemas from "@splunk/visualization-schemas";
import { Ajv, type AnySchema } from "ajv";
import { expect, test } from "vitest";
import { dashboards, readConf, type Dashboard } from "../../support/splunk-app/app.ts";

const ajv = new Ajv({ strict: false, allErrors: true });
const isDashboard = ajv.compile(definitions.defaultSchema as AnySchema);
/** The options of a panel, by its type. */
const areOptions = new Map(
  Object.entries({
    "splunk.column": schemas.columnOptionsSchema,
    "splunk.markdown": schemas.markdownOptionsSchema,
    "splunk.singlevalue": schemas.singleValueOptionsSchema,
    "splunk.table": schemas.tableOptionsSchema,
  }).map(([type, properties]) => {
    return [type, ajv.compile({ type: "object", additionalProperties: false, properties })];
  }),
);
const grid_width = 1200;

test("splunk app - has the three dashboards that its menu shows", () => {
  expect(dashboards().map(({ name }) => name)).toEqual([
    "tallyman_fleet",
    "tallyman_gaps",
    "tallyman_proof",
  ]);
});

test.each(dashboards())(
  "splunk app - $name is valid by Dashboard Studio's schema",
  ({ definition }) => {
    expect([isDashboard(definition), isDashboard.errors]).toEqual([true, null]);
    for (const { type, options = {} } of Object.values(definition.visualizations)) {
      const isValid = areOptions.get(type)!;
      expect([isValid(options), isValid.errors], type).toEqual([true, null]);
    }
  },
);

test("splunk app - the schema refuses what Dashboard Studio would", () => {
  const [{ definition }] = dashboards() as [Dashboard];
  const { tabs: _, ...layout } = definition.layout;
  for (const wrong of [{ layout }, { dataSources: { "a b": {} } }, { inputs: { a: {} } }])
    expect(isDashboard({ ...definition, ...wrong })).toBe(false);
});

test.each(dashboards())(
  "splunk app - $name shows all that it asks for, and asks for all that it shows",
  ({ definition }) => {
    const { dataSources, visualizations, inputs, layout } = definition;
    const shown = Object.values(visualizations).flatMap(({ dataSources: own = {} }) =>
      Object.values(own),
    );
    const extended = Object.values(dataSources).flatMap(({ options }) => options.extend ?? []);
    expect(new Set([...shown, ...extended])).toEqual(new Set(Object.keys(dataSources)));
    expect(layout.globalInputs).toEqual(Object.keys(inputs));
    expect(layout.tabs.items.map(({ layoutId }) => layoutId)).toEqual(
      Object.keys(layout.layoutDefinitions),
    );
    const blocks = Object.values(layout.layoutDefinitions).flatMap(({ structure }) => structure);
    expect(blocks.map(({ item }) => item).sort()).toEqual(Object.keys(visualizations).sort());
  },
);

test.each(dashboards())(
  "splunk app - $name uses the inputs that it has, and saved searches that there are",
  ({ definition }) => {
    const tokens = Object.values(definition.inputs).map(({ options }) => options.token);
    const { inputs: _, ...rest } = definition;
    const used = [...JSON.stringify(rest).matchAll(/\$([a-z_]+)(?:\.(?:earliest|latest)|\|s)\$/g)];
    expect(new Set(used.map(([, token]) => token))).toEqual(new Set(tokens));
    const saved = readConf("default/savedsearches.conf");
    const named = Object.values(definition.dataSources).flatMap(({ options }) => options.ref ?? []);
    expect(named.filter((name) => !saved.has(name))).toEqual([]);
  },
);

test.each(dashboards())(
  "splunk app - the panels of $name fill the width, and do not cover each other",
  ({ definition }) => {
    const blocks = Object.values(definition.layout.layoutDefinitions).flatMap(
      ({ structure }) => structure,
    );
    const rows = Map.groupBy(blocks, ({ position }) => position.y);
    let bottom = 0;
    for (const [y, row] of rows) {
      expect(y).toBe(bottom);
      let right = 0;
      for (const { item, position } of row) {
        expect([item, position.x, position.h]).toEqual([item, right, row[0]!.position.h]);
        right += position.w;
      }
      expect(right).toBe(grid_width);
      bottom += row[0]!.position.h;
    }
  },
);
