/** The id of a construct that stands for a folder of `functions/`: `read-log` is `ReadLog`. */
export const constructId = (name: string): string =>
  name.replace(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());
