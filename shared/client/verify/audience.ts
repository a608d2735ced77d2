/** The addresses at an exchange that messages in its log may have been sent to, by the log's origin. */
export const audiencesOf = (origin: string, path: string): readonly string[] => {
  const host = origin.replace(/\/log\/[0-9]+$/, '');
  return ['https', 'http'].map((scheme) => `${scheme}://${host}${path}`);
};
