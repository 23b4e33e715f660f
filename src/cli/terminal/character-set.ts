/** Whether text on this terminal may have more than ASCII in it: what the locale says, as for any other program. */
export function isUnicode(environment: NodeJS.ProcessEnv): boolean {
  const { LC_ALL, LC_CTYPE, LANG } = environment;
  const locale = [LC_ALL, LC_CTYPE, LANG].find((each) => each !== undefined && each !== "") ?? "";
  return /utf-?8/i.test(locale);
}
