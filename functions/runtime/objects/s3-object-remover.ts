import { keySegments } from '#shared/audit/object-key.ts';
import type { ObjectRemover } from '#shared/audit/object-remover.ts';
import { type AwsSend, awsSender } from '../aws-http.ts';
import { judgeDelete, judgeList } from './s3-answer.ts';
import { type S3Settings, s3Address } from './s3-object-store.ts';
import { objectsUnavailable } from './unavailable.ts';

/** Milliseconds that one try may take. */
const tryTimeout = 10_000;

/** Objects that are removed at once. */
const atOnce = 16;

/** Removes objects in a bucket of S3, which has no versions: what is deleted is gone. */
export const s3ObjectRemover = (settings: S3Settings): ObjectRemover => {
  const { region, credentials } = settings;
  const { endpoint, start } = s3Address(settings);
  const send = awsSender({ service: 's3', endpoint, region, credentials, tryTimeout });

  const ask: AwsSend = async (request, judge) => {
    try {
      return await send(request, judge);
    } catch (error) {
      throw objectsUnavailable(error);
    }
  };

  const list = (prefix: string, after: string) => {
    const query = new URLSearchParams({ 'list-type': '2', prefix });
    if (after !== '') query.set('start-after', after);
    const path = `${start === '' ? '/' : start}?${query.toString()}`;
    return ask({ method: 'GET', path, headers: {}, body: '' }, judgeList);
  };

  const remove = (key: string): Promise<void> => {
    const path = `${start}/${keySegments(key).join('/')}`;
    return ask({ method: 'DELETE', path, headers: {}, body: '' }, judgeDelete);
  };

  return {
    removeBelow: async (folder) => {
      const prefix = `${keySegments(folder).join('/')}/`;
      let after = '';
      for (;;) {
        const { keys, more } = await list(prefix, after);
        if (!keys.every((key) => key.startsWith(prefix))) {
          throw objectsUnavailable(new Error('A list holds keys that were not asked for.'));
        }
        for (let at = 0; at < keys.length; at += atOnce) {
          await Promise.all(keys.slice(at, at + atOnce).map(remove));
        }
        after = keys.at(-1) ?? '';
        if (!more || after === '') return;
      }
    },
  };
};
