import { authorizeSender } from '#shared/api/authorize.ts';
import { writeLimits } from '#shared/api/limit-fields.ts';
import { receiverOf } from '#shared/inquiry/exchange.ts';
import { linkTime } from '#shared/oversight/exports/export-link.ts';
import {
  exportDocument,
  readExport,
  readExportPart,
} from '#shared/oversight/exports/read-export.ts';
import { takeExport } from '#shared/oversight/exports/take-export.ts';
import { type ExportsGround, loadExports } from '../runtime/export-reading.ts';
import { lambdaOver, type MakeAnswers } from '../runtime/lambda.ts';

export const answers: MakeAnswers<ExportsGround> = (load) => ({
  askForExport: async ({ authorization, route, bound, json }) => {
    const ground = await load();
    const sender = await authorizeSender(authorization, route, bound, receiverOf(ground));
    const { job, limits, opened } = await takeExport(ground)(sender, json());
    const location = `${ground.settings.origin}${route.path}/${job.id}`;
    return {
      body: { type: 'application/json', json: exportDocument(job) },
      status: 202,
      headers: { location, ...writeLimits(limits) },
      ...(opened > 0 && { counted: 'Disclosures', times: opened }),
    };
  },
  readExport: async ({ authorization, route, bound, path }) => {
    const ground = await load();
    const sender = await authorizeSender(authorization, route, bound, receiverOf(ground));
    const json = await readExport(ground)(sender, path['id'] ?? '');
    return { body: { type: 'application/json', json } };
  },
  readExportPart: async ({ path, query }) => {
    const bytes = await readExportPart(await load())(path, query);
    const headers = { 'cache-control': `private, max-age=${linkTime}` };
    return { body: { type: 'application/octet-stream', bytes }, headers };
  },
});

export const handler = lambdaOver(loadExports, answers);
