/** Which keys of a configuration hold secrets, by their names. */

const secret_name =
  /token|secret|pass(?:w|phrase)|pwd|credential|salt|hmac|private|authorization|key$|^proxy$/i;

/** Whether values of the key are taken for secrets even where they are in the file literally. */
export function isSecretName(key: string): boolean {
  return secret_name.test(key);
}
