/** Makes a row of each event: the named columns, and nothing else. */
export default {
  name: "columns",
  description: "Keeps the named columns of each event: a map of a column's name to a path.",
  create(options, context) {
    const columns = Object.entries(options).map(([name, path]) => [name, context.path(path)]);
    return (event) => {
      event.record = Object.fromEntries(
        columns.map(([name, path]) => [name, event.get(path) ?? null]),
      );
      return event;
    };
  },
};
