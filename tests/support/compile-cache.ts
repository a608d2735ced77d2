/** Where this run keeps compiled code, for a process that is started with an environment of its own. */
export const compileCache = (): Readonly<Record<string, string>> => {
  const directory = process.env['NODE_COMPILE_CACHE'];
  return directory === undefined ? {} : { NODE_COMPILE_CACHE: directory };
};
