/** The program that the tests start: the bundle, as it ships. The test runner builds it first where it is out of date. */
export const main = new URL("../../dist/tallyman.js", import.meta.url).pathname;
