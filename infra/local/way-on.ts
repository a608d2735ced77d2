import { relative } from 'node:path';
import { keyFile } from './keys.ts';
import type { Places } from './places.ts';
import type { Terminal } from './terminal.ts';

/** A path as a person at this terminal would type it. */
const near = (path: string): string => {
  const short = relative(process.cwd(), path);
  return short.startsWith('..') ? path : short;
};

type WayOn = {
  readonly origin: string;
  readonly control: string;
  readonly citizens: string | undefined;
  readonly places: Places;
};

/** Says what there is to see and to try now. */
export const showWayOn = (
  { title, line, row }: Terminal,
  { origin, control, citizens, places }: WayOn,
): void => {
  title('Go on');
  line();
  line(`   curl ${origin}/v1/services`);
  line(`   curl ${origin}/.well-known/estelam`);
  line(`   curl ${origin}/log/0/checkpoint`);
  line(`   npx estelam verify ${near(places.objects)}/log/0 --policy ${near(places.policyFile)}`);
  line(`   curl ${control}                          # the sample agencies and what they do`);
  line(`   curl -X PUT -d down ${control}/police    # or slow:3000, wrong-key, extra-field …`);
  line();
  row('exchange', origin);
  if (citizens !== undefined)
    row('citizens', `${citizens} shows a sample person who asked about it`);
  row('data', near(places.dataDir));
  row('keys', `${near(keyFile(places.keys, 'counter:72110345'))} and others beside it`);
  row('logs', near(places.logs));
  row('stop', 'Ctrl-C; the data stays');
  line();
};
