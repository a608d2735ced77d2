/** Leaves of inquiries with the form of real ones and no signatures: for what only reads and counts. */
import { leafData } from '#shared/audit/leaf.ts';
import { toBase64Url, utf8 } from '#shared/kernel/bytes.ts';
import { canonicalJson } from '#shared/kernel/canonical-json.ts';
import { newId } from '#shared/kernel/id.ts';
import type { JsonObject } from '#shared/kernel/strict-json.ts';
import { testNow } from './messages.ts';

export type PlainInquiry = {
  readonly signer?: string;
  /** The counter that is asked for, when another signs. */
  readonly for?: string;
  readonly station?: string;
  readonly seq?: number;
  readonly service?: string;
  readonly outcome?: string;
  /** Milliseconds: the time inside the id. */
  readonly t?: number;
  /** The agency's own number; none when it did not answer. */
  readonly answer?: number;
};

const unsigned = (claims: JsonObject): string =>
  ['{}', canonicalJson(claims), 'signature'].map((part) => toBase64Url(utf8(part))).join('.');

export const plainLeaf = ({
  signer = 'counter:1',
  for: counter,
  station = 'till-1',
  seq = 1,
  service = 'civil-registry/identity@1',
  outcome = 'FOUND',
  t = testNow,
  answer,
}: PlainInquiry = {}): Uint8Array => {
  const id = newId(t, () => Buffer.alloc(10, seq % 256));
  const named = counter === undefined ? {} : { for: counter };
  const why = { purpose: 'pension-enrolment', basis: 'civil-code-1.12', presence: 'in-person' };
  const req = unsigned({ iss: signer, inq: { id, seq, service, station, ...why, ...named } });
  const agency = `agency:${service.split('/', 1)[0] ?? ''}`;
  const res = answer === undefined ? {} : { res: unsigned({ iss: agency, seq: answer }) };
  const dec = { effect: 'allow', rule: 'open-service', registry: 1 };
  return leafData(
    canonicalJson({ v: 1, k: 'i', id, t, dec, req }),
    canonicalJson({ v: 1, k: 'o', id, i: 'x', t, out: outcome, http: 200, ms: 5, ...res }),
  );
};
