/** The exchange whose CPU time is measured. Its environment is the exchange's; see cpu.ts. */
import { readEnv } from '#functions/runtime/env.ts';
import { loadExchange } from '#functions/runtime/exchange.ts';
import { loadHandlers, startServer } from '#infra/local/server.ts';
import { barePut, sampleItem } from './bare-put.ts';
import { floorWorks } from './floor.ts';
import { inquiryWork } from './inquiry-works.ts';
import { failuresOf, LoadResult, startLoadGenerator } from './load-order.ts';
import { inParallel, measureInTurns, type Work } from './measure.ts';
import { identity, ownership } from './questions.ts';
import { requestSigner } from './requests.ts';
import { sampleInquiry } from './sample-inquiry.ts';
import { sdkPut } from './sdk-put.ts';
import { stepWorks } from './step-works.ts';

/** Inquiries of one turn: enough to be timed, few enough to be sent within ten seconds. */
const items = 64;
const concurrency = 16;
const duration = { warmUp: 4, seconds: 80 } as const;
const secondsOverHttp = 0.3;

const [keys = ''] = process.argv.slice(2);
const env = readEnv();
const exchange = await loadExchange(env);
const sign = await requestSigner(keys, env.ESTELAM_ORIGIN);
const { token } = await sign(identity);
const sample = await sampleInquiry(exchange, token);

const server = await startServer(await loadHandlers(), Number(process.env['PORT']));
const generator = await startLoadGenerator(keys, env.ESTELAM_ORIGIN);

const overHttp: Work = {
  name: 'with hold, over HTTP',
  prepare: async () => ({
    items,
    run: async () => {
      const order = { concurrency, seconds: secondsOverHttp, ask: 'identity' };
      const result = await generator.ask(order, LoadResult);
      const failures = failuresOf(result);
      if (failures.length > 0) throw new Error(`Over HTTP came back: ${failures.join(', ')}`);
      return result.latencies.length;
    },
  }),
};

const sdk = sdkPut(env);
const sdkWork: Work = {
  name: 'SDK PutItem',
  prepare: async () => ({
    items,
    run: () => inParallel(concurrency, Array.from({ length: items }), () => sdk(sampleItem())),
  }),
};

const shared = { exchange, sign, items, concurrency };
const works = [
  inquiryWork('with hold', identity, shared),
  inquiryWork('without hold', ownership, shared),
  overHttp,
  ...(await floorWorks({ put: barePut(env), items, concurrency })),
  sdkWork,
  ...(await stepWorks({ exchange, sample, items, concurrency })),
];

try {
  const measured = await measureInTurns(works, duration, (share) => process.send?.({ share }));
  process.send?.({ ...measured, medians: Object.fromEntries(measured.medians) });
} catch (error) {
  process.send?.({ failed: error instanceof Error ? error.message : String(error) });
}
server.close();
server.closeAllConnections();
await generator.close();
process.disconnect();
