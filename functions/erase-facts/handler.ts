import { authorizeSender } from '#shared/api/authorize.ts';
import { receiverOf } from '#shared/inquiry/exchange.ts';
import {
  listHolds,
  readErasure,
  takeErasure,
  takeHold,
  takeRelease,
} from '#shared/oversight/erasure/desk.ts';
import { type ErasureDesk, loadErasureDesk } from '../runtime/erasure-desk.ts';
import { lambdaOver, type MakeAnswers } from '../runtime/lambda.ts';

export const answers: MakeAnswers<ErasureDesk> = (load) => ({
  orderErasure: async ({ authorization, route, bound, json }) => {
    const desk = await load();
    const { by } = await authorizeSender(authorization, route, bound, receiverOf(desk));
    const erasure = await takeErasure(desk)(json(), by);
    const location = `${desk.settings.origin}${route.path}/${erasure.id}`;
    return {
      body: { type: 'application/json', json: erasure },
      status: 202,
      headers: { location },
    };
  },
  readErasure: async ({ authorization, route, bound, path }) => {
    const desk = await load();
    await authorizeSender(authorization, route, bound, receiverOf(desk));
    return { body: { type: 'application/json', json: await readErasure(desk)(path['id']) } };
  },
  placeHold: async ({ authorization, route, bound, json }) => {
    const desk = await load();
    const { by } = await authorizeSender(authorization, route, bound, receiverOf(desk));
    const hold = await takeHold(desk)(json(), by);
    return { body: { type: 'application/json', json: hold }, status: hold.seen ? 201 : 202 };
  },
  listHolds: async ({ authorization, route, bound }) => {
    const desk = await load();
    const { by } = await authorizeSender(authorization, route, bound, receiverOf(desk));
    return { body: { type: 'application/json', json: { holds: await listHolds(desk)(by) } } };
  },
  releaseHold: async ({ authorization, route, bound, json, path }) => {
    const desk = await load();
    const { by } = await authorizeSender(authorization, route, bound, receiverOf(desk));
    const released = await takeRelease(desk)(path['id'], json(), by);
    return { body: { type: 'application/json', json: released } };
  },
});

export const handler = lambdaOver(loadErasureDesk, answers);
