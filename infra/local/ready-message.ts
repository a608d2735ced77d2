/** A text in the message with which a process says that it is ready. */
export const textIn = (message: object, name: string): string => {
  const value: unknown = Object.entries(message).find(([member]) => member === name)?.[1];
  if (typeof value !== 'string') throw new TypeError(`A ready message lacks ${name}.`);
  return value;
};
