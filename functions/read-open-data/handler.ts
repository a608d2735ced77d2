import {
  type OpenDataFile,
  readOpenDataDay,
  readOpenDataDays,
} from '#shared/oversight/open-data/read-open-data.ts';
import { lambdaOver, type MakeAnswers } from '../runtime/lambda.ts';
import { loadOpenDataReading, type OpenDataReading } from '../runtime/open-data.ts';
import type { Reply } from '../runtime/reply.ts';

const replyOf = ({ type, bytes, caching }: OpenDataFile): Reply => ({
  body: { type, bytes },
  headers: { 'cache-control': caching },
});

export const answers: MakeAnswers<OpenDataReading> = (load) => ({
  listOpenData: async () => replyOf(await readOpenDataDays((await load()).statistics)),
  readOpenData: async ({ path }) =>
    replyOf(await readOpenDataDay((await load()).statistics, path['day'] ?? '')),
});

export const handler = lambdaOver(loadOpenDataReading, answers);
