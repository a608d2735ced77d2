import { describe, expect, it } from 'vitest';
import { readEnv } from '#functions/runtime/env.ts';
import { openObjects } from '#functions/runtime/objects/open-objects.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';
import { s3Bucket } from './s3-bucket.ts';

const needed = {
  ESTELAM_ORIGIN: 'https://exchange.example',
  JOURNAL_TABLE: 'journal',
  REGISTRY_TABLE: 'registry',
  ESTELAM_SECRET_FILE: '/run/secrets/estelam',
};

const opened = (variables: Readonly<Record<string, string>>) =>
  openObjects(readEnv({ ...needed, ...variables }));

/** Puts an object into each of the two stores, and shows what the other one has. */
const keptApart = async ({ objects, staging }: ReturnType<typeof opened>) => {
  await objects.putIfAbsent('a', Uint8Array.of(1));
  await staging.putIfAbsent('b', Uint8Array.of(2));
  expect(await objects.get('a')).toHaveLength(1);
  expect([await objects.get('b'), await staging.get('a')]).toEqual([undefined, undefined]);
};

describe('openObjects', () => {
  it('opens two directories of one machine', async () => {
    await using folder = await temporaryFolder();
    const objects = `${folder.path}/objects`;
    const staging = `${folder.path}/staging`;
    await keptApart(opened({ OBJECTS_DIRECTORY: objects, STAGING_DIRECTORY: staging }));
  });

  it.each(['OBJECTS_ENDPOINT', 'AWS_ENDPOINT_URL'])(
    'opens two buckets at the store that %s names',
    async (name) => {
      await using bucket = await s3Bucket();
      const buckets = { OBJECTS_BUCKET: 'log', STAGING_BUCKET: 'log-staging' };
      await keptApart(opened({ ...buckets, [name]: bucket.url }));
      expect([...bucket.objects.keys()]).toEqual(['/log/a', '/log-staging/b']);
    },
  );

  it('asks the endpoint of the objects before that of AWS', async () => {
    await using bucket = await s3Bucket();
    const { objects } = opened({
      OBJECTS_BUCKET: 'log',
      STAGING_DIRECTORY: 'unused',
      OBJECTS_ENDPOINT: bucket.url,
      AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
    });
    expect(await objects.get('a')).toBeUndefined();
    expect(bucket.requests).toHaveLength(1);
  });

  it('names what is missing', () => {
    expect(() => opened({})).toThrow('one of OBJECTS_BUCKET and OBJECTS_DIRECTORY must be set');
    expect(() => opened({ OBJECTS_BUCKET: 'log' })).toThrow(
      'one of STAGING_BUCKET and STAGING_DIRECTORY must be set',
    );
  });

  it('names what is there twice, and no value', () => {
    const twice = { OBJECTS_BUCKET: 'bucket-of-mine', OBJECTS_DIRECTORY: '/somewhere' };
    const refused = (): unknown => opened({ ...twice, STAGING_BUCKET: 'staging' });
    expect(refused).toThrow('only one of OBJECTS_BUCKET and OBJECTS_DIRECTORY may be set');
    expect(refused).not.toThrow(/bucket-of-mine|somewhere/);
  });

  it.each(['', 'a', 'Log', 'log.example', '-log', '../log', 'log/a'])(
    'refuses %j as the name of a bucket, without saying it',
    (name) => {
      expect(() => opened({ OBJECTS_BUCKET: name, STAGING_BUCKET: 'staging' })).toThrow(
        /^The environment is not right: OBJECTS_BUCKET: /,
      );
    },
  );
});
