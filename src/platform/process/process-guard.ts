/**
 * Keeps a plugin, or a library in it, from ending or changing the whole process by mistake: `process.exit()` as
 * command-line programs call it on bad input would otherwise end the agent as if all were well.
 *
 * It is no wall against a plugin that means harm: plugins run with all that tallyman may do.
 */
import { syncBuiltinESMExports } from "node:module";

/** Missing in the types. */
const inside = process as unknown as {
  reallyExit(status: number): never;
  initgroups(user: string, gid: number): void;
};

/** Node's own, as they were before any plugin was loaded. */
const own = {
  execve: process.execve?.bind(process),
  initgroups: inside.initgroups.bind(process),
  kill: process.kill.bind(process),
  reallyExit: inside.reallyExit.bind(process),
  setgid: process.setgid!.bind(process),
  setgroups: process.setgroups!.bind(process),
  setuid: process.setuid!.bind(process),
  umask: process.umask.bind(process),
};

/** What nobody but tallyman may call, whatever the arguments. */
const refused = [
  "abort",
  "chdir",
  "execve",
  "exit",
  "initgroups",
  "reallyExit",
  "removeAllListeners",
  "setegid",
  "seteuid",
  "setgid",
  "setgroups",
  "setuid",
  "setUncaughtExceptionCaptureCallback",
] as const;

/** Thrown instead of a call that would have ended or changed the process. */
export class ProcessCallRefused extends Error {
  override readonly name = "ProcessCallRefused";
  /** Such as `process.exit()`. */
  readonly call: string;

  constructor(call: string, caller: (...args: never[]) => unknown) {
    super(`it called ${call}, which would end or change the whole process`);
    this.call = call;
    // The first place in the stack is the one that called.
    Error.captureStackTrace(this, caller);
  }
}

/** From here on, whoever but tallyman ends or changes the process gets a ProcessCallRefused instead. */
export function guardProcess(): void {
  const replaced: Record<string, (...args: never[]) => unknown> = { kill, umask };
  for (const name of refused) {
    replaced[name] = function refuse(): never {
      throw new ProcessCallRefused(`process.${name}()`, refuse);
    };
  }
  Object.assign(process, replaced);
  syncBuiltinESMExports();
}

/** What tallyman itself still does at the end of the process. */
const at_end = new Set<() => void>();

/** Has `action` done when the process ends. It may not wait for anything. */
export function atEnd(action: () => void): void {
  at_end.add(action);
}

/**
 * Ends the process with this status, whatever a plugin has open or has set `process.exitCode` to. Listeners of `exit` are
 * not called: nothing could stop a plugin's that does not return.
 */
export function endProcess(status: number): never {
  for (const action of at_end) action();
  return own.reallyExit(status);
}

/** Has another program take the process over; Node's own cleaning up is left out. */
export function replaceProcess(file: string, args: readonly string[]): never {
  own.execve!(file, args, {});
  throw new Error("unreachable");
}

/**
 * Gives up root's rights for those of a user and a group; of the further groups of the user that is named, and of
 * `more_groups`, too.
 */
export function becomeUser(
  uid: number,
  gid: number,
  user?: string,
  more_groups: readonly number[] = [],
): void {
  if (user === undefined) own.setgroups([]);
  else own.initgroups(user, gid);
  own.setgid(gid);
  // Node names the group of the process among its groups: it is no longer root's here.
  if (more_groups.length > 0) own.setgroups([...process.getgroups!(), ...more_groups]);
  own.setuid(uid);
}

/** Signals to other processes are none of our business. */
function kill(pid: number, signal?: string | number): true {
  const is_own = pid === process.pid || pid === 0 || pid === -1 || pid === -process.pid;
  if (is_own && signal !== 0) throw new ProcessCallRefused("process.kill()", kill);
  return own.kill(pid, signal);
}

/** Asking is free. */
function umask(mask?: string | number): number {
  if (mask !== undefined) throw new ProcessCallRefused("process.umask()", umask);
  return own.umask();
}
