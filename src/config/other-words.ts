/** Options as other programs call them, and where users look for ours: what to write instead. */

/** By the name that stands there, in small letters and without `_` and `-`. */
const ours: Readonly<Record<string, string>> = {
  sources: "inputs",
  sinks: "outputs",
  splunk: "output",
  destination: "output",
  destinations: "outputs",
  transforms: "chain",
  processors: "chain",
  pipeline: "chain",
  steps: "chain",
  filters: "chain",
  datadir: "state_dir",
  file: "paths",
  files: "paths",
  include: "paths",
  glob: "paths",
  insecure: "tls: { verify: false }",
  insecureskipverify: "tls: { verify: false }",
  skipverify: "tls: { verify: false }",
  sslverify: "tls: { verify: false }",
  verifyssl: "tls: { verify: false }",
  verifycertificate: "tls: { verify: false }",
  cafile: "tls: { ca_file: … }",
  compress: "compression: gzip",
  gzip: "compression: gzip",
  hectoken: "token",
  hosts: "endpoints",
  urls: "endpoints",
};

const of_inputs = new Set(["metadata", "index", "sourcetype", "source", "host"]);

/** What is written as tallyman writes it. */
interface KnownOptions {
  readonly [name: string]: { readonly properties?: Readonly<Record<string, unknown>> };
}

/** What to write for an option that is not known beside these; undefined where nobody can know. */
export function instead(key: string, known: KnownOptions): string | undefined {
  const plain = plainly(key);
  const own = Object.hasOwn(ours, plain) ? ours[plain]! : undefined;
  const [name] = own?.split(":") ?? [];
  if (name !== undefined && Object.hasOwn(known, name)) return own;
  // An output of Splunk has none of these, as an input has.
  if (of_inputs.has(plain) && Object.hasOwn(known, "endpoints"))
    return plain === "metadata" ? "it at each input" : `metadata: { ${plain}: … } at each input`;
  // One level too high.
  for (const [above, { properties = {} }] of Object.entries(known)) {
    const below = Object.keys(properties).find((each) => plainly(each) === plain);
    if (below !== undefined) return `${above}: { ${below}: … }`;
  }
  return undefined;
}

function plainly(key: string): string {
  return key.toLowerCase().replaceAll(/[_-]/g, "");
}
