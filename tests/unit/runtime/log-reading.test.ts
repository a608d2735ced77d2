import { expect, it } from 'vitest';
import { readEnv } from '#functions/runtime/env.ts';
import { loadLogReading } from '#functions/runtime/log/open-log.ts';

it('a log is read without the secret, but not by an auditor, whose read could not be put on record', async () => {
  const reading = await loadLogReading(
    readEnv({
      ESTELAM_ORIGIN: 'https://exchange.example',
      ESTELAM_SECRET_FILE: '/nowhere/secret',
      JOURNAL_TABLE: 'journal',
      REGISTRY_TABLE: 'registry',
    }),
  );

  const noted = reading.noteAccess({
    by: 'auditor:inspection',
    kid: 'A'.repeat(43),
    act: 'bundle',
    filter: { bundle: 0, shard: 0 },
    n: 256,
  });

  await expect(noted).rejects.toMatchObject({
    name: 'signer-unavailable',
    extras: { retryAfter: 2 },
  });
});
