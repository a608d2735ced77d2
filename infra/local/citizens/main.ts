/** The provider that knows the sample persons as a process of its own; its arguments name the rest. */
import { parseArgs } from 'node:util';
import { startCitizens } from './start-citizens.ts';

const { values } = parseArgs({
  options: {
    origin: { type: 'string', default: '' },
    port: { type: 'string', default: '0' },
    keys: { type: 'string', default: '' },
  },
});

try {
  const { origin, port, keys } = values;
  const citizens = await startCitizens({ origin, port: Number(port), keysFile: keys });
  const stop = (): void => {
    void citizens.close().then(() => process.exit(0));
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  // The parent holds the other end: when it goes, for whatever reason, so does the provider.
  process.once('disconnect', stop);
  process.send?.({ ready: true, url: citizens.url });
} catch (error) {
  const said = error instanceof Error ? error.message : 'unknown error';
  const failed = `The provider that knows persons did not start: ${said}`;
  process.stderr.write(`${failed}\n`);
  process.send?.({ failed });
  process.exit(1);
}
