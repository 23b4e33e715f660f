/**
 * Where `tallyman init` puts what it writes: the configuration, and tokens in files of their own. A unit that runs the
 * configuration says where it loads the token from, and whose files it can read.
 */
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { groupId, primaryGroupId } from "../../platform/accounts.ts";
import { TallymanError } from "../../platform/errors.ts";
import { type ServiceUnit, serviceUnitOf } from "../../platform/process/service-unit.ts";
import type { KindName } from "./kind-names.ts";

/** Of the package. */
const packaged_configuration = "/etc/tallyman/config.yaml";
/** What the packaged units call the token for Splunk. */
const token_name = "splunk_token";

/** A file with a secret, and how the configuration names it. */
export interface SecretPlace {
  readonly path: string;
  readonly reference: string;
  readonly mode: number;
  /** The id of the group that may read it; undefined for that of the process. */
  readonly group: number | undefined;
}

export interface Placement {
  /** The absolute path of the configuration. */
  readonly config: string;
  /** The unit that runs it, if there is one. */
  readonly unit: ServiceUnit | undefined;
  readonly splunk_token: SecretPlace;
  /** Of a webhook: its sender has it, too. */
  webhookToken(kind: KindName): SecretPlace;
  /** Where members of the unit's group can reach the agent; undefined for the usual place. */
  readonly admin_socket: string | undefined;
}

/** Where everything goes. `output` is what the user asked for: the configuration's path. Throws TallymanError usage. */
export async function placementFor(
  output: string | undefined,
  environment: NodeJS.ProcessEnv,
): Promise<Placement> {
  const config = resolve(output ?? usualConfiguration(environment));
  // It stands in comments, too.
  if (/\p{Cc}/u.test(config))
    throw new TallymanError("usage", "--output: a path cannot contain control characters");
  const folder = dirname(config);
  const unit = serviceUnitOf(config, environment);
  const group = await groupOf(unit);
  const loaded = unit?.credentials.get(token_name);
  const ofFile = (name: string): SecretPlace => ({
    path: join(folder, name),
    reference: `\${file:${name}}`,
    // The unit reads it itself, as its own user.
    mode: group === undefined ? 0o600 : 0o640,
    group,
  });
  return {
    config,
    unit,
    splunk_token:
      loaded === undefined
        ? ofFile(token_name)
        : {
            path: loaded,
            reference: `\${credential:${token_name}}`,
            mode: 0o600,
            group: undefined,
          },
    webhookToken: (kind) => ofFile(`${kind}_token`),
    admin_socket:
      unit?.runtime_directory === undefined
        ? undefined
        : join("/run", unit.runtime_directory, "admin.sock"),
  };
}

/** Where root writes the service's own, and everybody else a file here. */
function usualConfiguration(environment: NodeJS.ProcessEnv): string {
  const is_service =
    process.getuid?.() === 0 && serviceUnitOf(packaged_configuration, environment) !== undefined;
  return is_service && existsSync(dirname(packaged_configuration))
    ? packaged_configuration
    : "config.yaml";
}

/** The group of the unit's user; undefined where it runs as root, or where that user is not there. */
async function groupOf(unit: ServiceUnit | undefined): Promise<number | undefined> {
  if (unit?.user === undefined || process.getuid?.() !== 0) return undefined;
  return (await primaryGroupId(unit.user)) ?? groupId(unit.user);
}
