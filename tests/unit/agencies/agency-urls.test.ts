import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { forgetAgencyUrls, keepAgencyUrls, readAgencyUrls } from '#infra/local/agency-urls.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';
import { urlsAt } from './seed-stage.ts';

describe('where the registry says that the agencies are', () => {
  it('is known as long as it was written down last', async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, 'agencies.json');
    expect(await readAgencyUrls(file)).toBeUndefined();
    await forgetAgencyUrls(file);
    await keepAgencyUrls(file, urlsAt(9001));
    await keepAgencyUrls(file, urlsAt(9002));
    expect(await readAgencyUrls(file)).toEqual(urlsAt(9002));
    await forgetAgencyUrls(file);
    expect(await readAgencyUrls(file)).toBeUndefined();
  });

  it.each([
    ['is no JSON', '{"police":'],
    ['is no object', '["http://127.0.0.1:9001"]'],
    ['lacks an agency', JSON.stringify({ ...urlsAt(9001), police: undefined })],
    ['holds what is no URL', JSON.stringify({ ...urlsAt(9001), police: '9001' })],
  ])('is not known when the file %s', async (_, text) => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, 'agencies.json');
    await writeFile(file, text);
    expect(await readAgencyUrls(file)).toBeUndefined();
  });
});
