import * as z from 'zod';
import type { InquiryAnswered } from '#events/inquiry-answered.ts';
import type { InquiryAsked } from '#events/inquiry-asked.ts';
import { InquiryId } from '../kernel/id.ts';
import { agencyOf, type InquiryRead, readInquiry, readTexts } from './read-inquiry.ts';

const Request = z.looseObject({
  iss: z.string(),
  inq: z.looseObject({
    id: InquiryId,
    seq: z.int().min(1),
    service: z.string(),
    station: z.string(),
    for: z.string().optional(),
  }),
});

/** What the leaf of an inquiry says that is counted. */
export type InquirySaid = {
  readonly id: InquiryId;
  /** Who signed the request: whose sequence number it is. */
  readonly signer: string;
  readonly station: string;
  readonly seq: number;
  readonly counter: string;
  readonly agency: string;
  readonly service: string;
  readonly outcome: string;
} & Pick<InquiryRead<unknown>, 'answer'>;

const saidIn = ({
  answered,
  claims,
  answer,
}: InquiryRead<z.infer<typeof Request>>): InquirySaid => {
  const { id, seq, service, station, for: counter = claims.iss } = claims.inq;
  return {
    id,
    signer: claims.iss,
    station,
    seq,
    counter,
    agency: agencyOf(service),
    service,
    outcome: answered.out,
    ...(answer !== undefined && { answer }),
  };
};

/** What the records of an inquiry say, for whoever has read them. */
export const saidInRecords = (
  asked: InquiryAsked,
  answered: InquiryAnswered,
): InquirySaid | 'unread' => {
  const read = readTexts(asked, answered, Request);
  return read === undefined ? 'unread' : saidIn(read);
};

/**
 * What a leaf says as an inquiry: `undefined` for a record of another kind, `unread` for two lines that
 * are not what an inquiry has. The signatures are not judged here.
 */
export const saidInLeaf = (data: Uint8Array): InquirySaid | 'unread' | undefined => {
  const read = readInquiry(data, Request);
  if (read === undefined) return undefined;
  return 'unread' in read ? 'unread' : saidIn(read);
};
