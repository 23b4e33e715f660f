/** What to do about a warning, in the words of docs/operations/monitoring.md: the build puts them in. */

declare const WARNING_ADVICE: Readonly<Record<string, string>>;

export const advice = WARNING_ADVICE;
