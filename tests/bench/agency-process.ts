/** The eight sample agencies in a process of their own, so that their CPU time is not the exchange's. */
import { startAgency } from '#infra/local/agencies/start-agency.ts';
import { participantKey } from '#infra/local/keys.ts';
import { agencyId, agencyNames } from '#infra/local/seed/agencies.ts';
import { readKeySet } from '#shared/client/published-keys.ts';
import { exchangeId } from '#shared/inquiry/exchange.ts';

const [keys = '', origin = '', exchangeKey = ''] = process.argv.slice(2);
const jwk: unknown = JSON.parse(exchangeKey);
const [known] = await readKeySet({ keys: [jwk] }, exchangeId);
const exchange = {
  id: exchangeId,
  origin,
  keyOf: (kid: string) => Promise.resolve(kid === known?.kid ? known : undefined),
};

const start = async (name: (typeof agencyNames)[number]): Promise<readonly [string, string]> => {
  const id = agencyId(name);
  const agency = await startAgency({
    id,
    signer: await participantKey(keys, id, 'ES256'),
    exchange,
  });
  return [name, agency.url];
};

const urls = await Promise.all(agencyNames.map(start));
process.once('disconnect', () => process.exit(0));
process.send?.({ agencies: Object.fromEntries(urls) });
