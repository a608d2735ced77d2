/** Whether an Accept field asks for one JSON document a line; `application/json` otherwise. */
export const wantsNdjson = (accept: string): boolean =>
  accept
    .toLowerCase()
    .split(',')
    .some((range) => range.split(';', 1)[0]?.trim() === 'application/x-ndjson');
