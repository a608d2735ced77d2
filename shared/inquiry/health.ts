import type { Exchange } from './exchange.ts';

/** Whether the exchange can read its registry and sign; rejects with the problem that says why not. */
export const checkHealth = async ({
  directory,
  signer,
}: Exchange): Promise<{ status: 'ok'; registry: number }> => {
  const [registry] = await Promise.all([directory.version(), signer()]);
  return { status: 'ok', registry };
};
