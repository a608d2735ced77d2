/** What the journal says of an inquiry, and whether what was told agrees with it. */
import { createHash } from 'node:crypto';
import { compactVerify, importJWK } from 'jose';
import { expect } from 'vitest';
import * as z from 'zod';
import { InquiryAnswered } from '#events/inquiry-answered.ts';
import { InquiryAsked } from '#events/inquiry-asked.ts';
import { addressOf } from '#shared/audit/address.ts';
import { unpackRecord } from '#shared/audit/pack.ts';
import type { JournalRows } from '#shared/audit/ports.ts';
import { canonicalJson } from '#shared/kernel/canonical-json.ts';
import { InquiryId } from '#shared/kernel/id.ts';
import type { JsonObject } from '#shared/kernel/strict-json.ts';
import { ReceiptClaims } from '#shared/message/claims.ts';
import { disclosedIn, payloadOf } from '#tests/support/exchange.ts';
import { idOf } from './ask.ts';
import { leaksIn } from './leaks.ts';
import { tellingTexts } from './persons.ts';
import type { Stage } from './stage.ts';
import type { Heard } from './wire.ts';

const sha256Url = (text: string): string => createHash('sha256').update(text).digest('base64url');

/** RFC 6962 §2.1 over I ‖ 0x0A ‖ O ‖ 0x0A, written down here once more. */
export const leafOf = (intent: string, outcome: string): string =>
  createHash('sha256').update(`\0${intent}\n${outcome}\n`).digest('base64url');

const signedPart = (message: string): string => message.split('~', 1)[0] ?? '';

const Key = z.looseObject({ kid: z.string(), kty: z.string() });
const KeySet = z.object({ keys: z.array(Key) });

/** Verifies a receipt with the keys that the exchange publishes, by jose alone. */
const verifyReceipt = async ({ wire }: Stage, receipt: string): Promise<ReceiptClaims> => {
  const { keys } = KeySet.parse((await wire.send('GET', '/.well-known/jwks.json')).json);
  const { payload, protectedHeader } = await compactVerify(receipt, async ({ kid }) => {
    const key = keys.find((one) => one.kid === kid);
    if (key === undefined) throw new Error('The receipt names a key that is not published.');
    return importJWK(key, 'ES256');
  });
  expect(protectedHeader.typ).toBe('inq-receipt+jwt');
  const json: unknown = JSON.parse(Buffer.from(payload).toString('utf8'));
  return ReceiptClaims.parse(json);
};

export const rowsOf = ({ world }: Stage, id: InquiryId): Promise<JournalRows> =>
  world.journal.read(addressOf(id, world.layout));

/** The records of an inquiry as texts; undefined where there is none. */
export const recordsOf = async (
  stage: Stage,
  id: InquiryId,
): Promise<{ readonly intent: string | undefined; readonly outcome: string | undefined }> => {
  const { intent, outcome } = await rowsOf(stage, id);
  return {
    intent: intent && unpackRecord(intent.record),
    outcome: outcome && unpackRecord(outcome.record),
  };
};

export type Recorded = {
  readonly receipt: ReceiptClaims;
  readonly asked: InquiryAsked;
  readonly answered: InquiryAnswered;
  /** The facts that were passed on; undefined when there was no answer. */
  readonly fields: JsonObject | undefined;
};

const Told = z.looseObject({ receipt: z.string(), answer: z.string().optional() });

const checkTexts = (texts: readonly string[], facts: JsonObject): void => {
  for (const text of texts) {
    expect(text).toBe(canonicalJson(z.record(z.string(), z.json()).parse(JSON.parse(text))));
  }
  expect(leaksIn(texts, tellingTexts(facts))).toEqual([]);
};

/**
 * Holds what was told of an inquiry against the journal: both records stand there in their canonical
 * form and free of personal data, the receipt's leaf is theirs, its facts are theirs, and what was
 * released is what the outcome holds. `text`: the request that was journalled, or a retry of it.
 */
export const expectRecorded = async (
  stage: Stage,
  text: string,
  heard: Heard,
): Promise<Recorded> => {
  const told = Told.parse(heard.json);
  const receipt = await verifyReceipt(stage, told.receipt);
  const { intent = '', outcome = '' } = await recordsOf(stage, idOf(text));
  checkTexts([intent, outcome], disclosedIn(text));
  const asked = InquiryAsked.parse(JSON.parse(intent));
  const answered = InquiryAnswered.parse(JSON.parse(outcome));
  const { iss, jti } = payloadOf(asked.req);
  const { res, withheld } = answered;

  expect(answered.i).toBe(sha256Url(intent));
  expect(receipt).toEqual({
    iss: 'exchange:estelam',
    aud: iss,
    iat: receipt.iat,
    jti: receipt.jti,
    in_reply_to: jti,
    req_s256: sha256Url(asked.req),
    inq_id: idOf(text),
    decision: asked.dec,
    outcome: answered.out,
    ...(res !== undefined && { answer_s256: sha256Url(res) }),
    ...(withheld !== undefined && { withheld: withheld.split(',') }),
    leaf: leafOf(intent, outcome),
    log: `${new URL(stage.world.origin).host}/log/0`,
    mmd: 120,
  });
  expect(payloadOf(asked.req)['inq']).toEqual(payloadOf(text)['inq']);
  if (told.answer === undefined) return { receipt, asked, answered, fields: undefined };
  expect(signedPart(told.answer)).toBe(res);
  const fields = disclosedIn(told.answer);
  stage.persons.note(fields);
  return { receipt, asked, answered, fields };
};

/** That nothing stands in the journal under an id. */
export const expectNothingUnder = async (stage: Stage, id: InquiryId): Promise<void> => {
  expect(await rowsOf(stage, id)).toEqual({});
};

const Keys = z.object({
  Items: z.array(z.object({ sk: z.object({ S: z.string() }) })),
  LastEvaluatedKey: z.unknown().optional(),
});

/**
 * How many rows the journal holds. Not counted are marks of its periods and keys of held answers, which
 * come with the time, and outcomes, for the log gives an intent one that has waited too long.
 */
export const rowCount = async ({ world }: Stage): Promise<number> => {
  let count = 0;
  let from: unknown;
  do {
    const answer = await world.store('Scan', {
      TableName: world.env.JOURNAL_TABLE,
      ProjectionExpression: 'sk',
      ConsistentRead: true,
      FilterExpression: 'NOT begins_with(pk, :mark) AND NOT begins_with(pk, :key)',
      ExpressionAttributeValues: { ':mark': { S: 'P#' }, ':key': { S: 'H#' } },
      ...(from !== undefined && { ExclusiveStartKey: from }),
    });
    const page = Keys.parse(answer);
    count += page.Items.filter(({ sk }) => !/^[0-9a-f-]{36}#o$/.test(sk.S)).length;
    from = page.LastEvaluatedKey;
  } while (from !== undefined);
  return count;
};
