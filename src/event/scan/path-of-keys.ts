/** Paths written from keys, as a user writes them. */

const bare_key = /^[^.[\]"*\s$/][^.[\]"*\s]*$/;

/** The path to what is under these keys; undefined stands for the items of an array. */
export function pathOfKeys(keys: readonly (string | undefined)[]): string {
  return keys
    .map((key, at) => {
      if (key === undefined) return "[*]";
      if (!bare_key.test(key)) return `[${JSON.stringify(key)}]`;
      return at === 0 ? key : `.${key}`;
    })
    .join("");
}
