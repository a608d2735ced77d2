/** Forwards as the exchange really signs them, for one sample agency. */
import { randomBytes } from 'node:crypto';
import { sampleServices } from '#infra/local/seed/services.ts';
import { signRequest } from '#shared/client/sign-request.ts';
import { exchangeId, inquiriesUrl } from '#shared/inquiry/exchange.ts';
import { type Forward, signForward } from '#shared/inquiry/forward.ts';
import type { Clock } from '#shared/kernel/clock.ts';
import type { JsonObject } from '#shared/kernel/strict-json.ts';
import { receiveRequest } from '#shared/message/receive.ts';
import type { SubjectInput } from '#shared/persian/subject-input.ts';
import { Service } from '#shared/registry/service.ts';
import { termsOf } from '#shared/registry/terms.ts';
import { directoryOf, makeKey, registered, type TestKey, testNow } from '../../support/messages.ts';

export const origin = 'https://exchange.example';

export const counterKey = await makeKey('ES256', 'counter:72110345');
export const exchangeKey = await makeKey('ES256', exchangeId);

export const exchangeKeyOf = directoryOf([await registered(exchangeKey)]);

/** A service of the seed as the registry holds it, answered at a given address. */
export const serviceAt = (ref: string, change: Partial<Service> = {}): Service => {
  const template = sampleServices.find((one) => one.ref === ref);
  const endpoint = 'http://127.0.0.1:9/inquiries';
  return Service.parse({
    kind: 'service',
    ...template,
    status: 'active',
    endpoint,
    version: 1,
    ...change,
  });
};

export type Ask = {
  readonly service: Service;
  readonly subject: SubjectInput;
  readonly params?: JsonObject;
  readonly now?: Clock;
  /** Who signs; the counter when nothing is said. */
  readonly key?: TestKey;
  /** For which counter, when another signs. */
  readonly for?: string;
};

export const person = { type: 'ir-national-id', value: '0499370899' } as const;

/** The counter asks, or another for it; the exchange forwards. */
export const forwardOf = async (ask: Ask): Promise<Forward> => {
  const { service, subject, params = {}, now = () => testNow, key = counterKey } = ask;
  const { token } = await signRequest(
    {
      service: service.ref,
      purpose: 'pension-enrolment',
      basis: 'civil-code-1.12',
      station: 'till-3',
      presence: 'in-person',
      seq: 1,
      subject,
      params,
      case: '1405/1842',
      operator: 'operator-7',
      ...(ask.for !== undefined && { for: ask.for }),
    },
    {
      participant: key.owner,
      signer: key.signer,
      audience: inquiriesUrl(origin),
      now,
      random: randomBytes,
    },
  );
  const keyOf = directoryOf([await registered(key)]);
  const request = await receiveRequest(token, { audience: inquiriesUrl(origin), keyOf, now });
  const signer = () => Promise.resolve(exchangeKey.signer);
  const allowed = { service, terms: termsOf(service) };
  return signForward(token, request, allowed, { signer, now, random: randomBytes });
};
