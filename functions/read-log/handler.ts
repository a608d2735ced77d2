import { type LogReading, readLogFile } from '#shared/api/read-log-file.ts';
import { suggestedPolicy } from '#shared/inquiry/suggested-policy.ts';
import { utf8 } from '#shared/kernel/bytes.ts';
import type { Call } from '../runtime/call.ts';
import { lambdaOver, type MakeAnswers } from '../runtime/lambda.ts';
import { loadLogReading } from '../runtime/log/open-log.ts';
import type { BytesType, Reply } from '../runtime/reply.ts';

const text = 'text/plain; charset=utf-8';
const octets = 'application/octet-stream';

export const answers: MakeAnswers<LogReading> = (load) => {
  const read = async (
    kind: Parameters<typeof readLogFile>[1],
    type: BytesType,
    call: Call,
  ): Promise<Reply> => {
    const { bytes, caching, note } = await readLogFile(await load(), kind, call);
    const headers = { 'cache-control': caching };
    return { body: { type, bytes }, headers, ...(note !== undefined && { beforeShown: note }) };
  };
  return {
    readCheckpoint: (call) => read('checkpoint', text, call),
    readTile: (call) => read('tile', octets, call),
    readEntries: (call) => read('bundle', octets, call),
    readPolicy: async () => {
      const { log } = await load();
      const bytes = utf8(suggestedPolicy(await log.policy()));
      return { body: { type: text, bytes }, headers: { 'cache-control': 'public, max-age=60' } };
    },
  };
};

export const handler = lambdaOver(loadLogReading, answers);
