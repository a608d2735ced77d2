const loopback = new Set(['127.0.0.1', 'localhost']);

/** Whether a provider may be asked there: https, or http on this machine; never with credentials in it. */
export const isProviderUrl = (text: string): boolean => {
  const url = URL.parse(text);
  if (url === null || url.username !== '' || url.password !== '' || url.hash !== '') return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && loopback.has(url.hostname));
};
