/**
 * Names of indexes that Splunk cannot have: it answers with code 7 to events for such a one, and their input stands still.
 */

/** Indexes of Splunk's own. No others begin with an underscore. */
const internal = new Set([
  "_audit",
  "_configtracker",
  "_dsappevent",
  "_dsclient",
  "_dsphonehome",
  "_internal",
  "_introspection",
  "_metrics",
  "_metrics_rollup",
  "_telemetry",
  "_thefishbucket",
]);

/** Why there is no index of this name, without the name; undefined where there may be one. */
export function indexNameFault(name: string): string | undefined {
  if (/\{.*\}|%\{|\$\{/s.test(name)) {
    return "there are no templates here; an index that depends on the event is set by a `metadata` step (docs/rules/steps.md)";
  }
  if (internal.has(name)) return undefined;
  if (!/^[a-z0-9_-]*$/.test(name)) {
    return "not a valid Splunk index name: only lower-case letters, digits, _ and - are allowed";
  }
  if (/^[_-]/.test(name)) return "not a valid Splunk index name: it must not begin with _ or -";
  return name.includes("kvstore")
    ? "not a valid Splunk index name: it must not contain the word kvstore"
    : undefined;
}
