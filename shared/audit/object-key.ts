const segment = /^[a-z0-9_-][a-z0-9._-]{0,127}$/;

/** The segments of an object's key; throws for one that could leave its store's folder. */
export const keySegments = (key: string): readonly string[] => {
  const segments = key.split('/');
  if (segments.length > 16 || !segments.every((one) => segment.test(one))) {
    throw new TypeError('This is no key of an object.');
  }
  return segments;
};
