import { authorize } from '#shared/api/authorize.ts';
import { receiverOf } from '#shared/inquiry/exchange.ts';
import { listGrants, listParticipants, readParticipant } from '#shared/registry/read-registry.ts';
import {
  parseGrantsQuery,
  parseOneQuery,
  parseParticipantsQuery,
} from '#shared/registry/registry-query.ts';
import { lambdaOver, type MakeAnswers } from '../runtime/lambda.ts';
import { loadRegistryReading, type RegistryReading } from '../runtime/registry.ts';

export const answers: MakeAnswers<RegistryReading> = (load) => ({
  listParticipants: async ({ query }) => {
    const { store } = await load();
    const json = await listParticipants(store, parseParticipantsQuery(query));
    return { body: { type: 'application/json', json } };
  },
  readParticipant: async ({ path, query }) => {
    const { store } = await load();
    const { at } = parseOneQuery(query);
    const json = await readParticipant(store, path['id'] ?? '', at);
    return { body: { type: 'application/json', json } };
  },
  listGrants: async ({ authorization, route, bound, query }) => {
    const reading = await load();
    const sender = await authorize(authorization, route, bound, receiverOf(reading));
    const json = await listGrants(reading.store, parseGrantsQuery(query), sender);
    return { body: { type: 'application/json', json } };
  },
});

export const handler = lambdaOver(loadRegistryReading, answers);
