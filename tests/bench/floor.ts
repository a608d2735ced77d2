import {
  createHash,
  createPrivateKey,
  createPublicKey,
  randomBytes,
  sign,
  verify,
} from 'node:crypto';
import { exportJWK } from 'jose';
import { type SampleItem, sampleItem } from './bare-put.ts';
import { inParallel, type Work } from './measure.ts';

/**
 * The least an inquiry can cost, as its parts: two signatures verified (request, answer), two made
 * (forward, receipt), the digests, and two rows put. Texts are as long as those of an inquiry.
 */
const requestLength = 830;
const answerLength = 780;
const forwardLength = 2400;
const receiptLength = 700;
const disclosureLengths = [130, 110, 70, 75, 75, 75, 75, 75];
/** req_s256 three times, answer_s256, I, O, the leaf. */
const textLengths = [909, 909, 909, 865, 1150, 1300, 2450];

const bytesOf = (lengths: readonly number[]): readonly Uint8Array[] =>
  lengths.map((length) => randomBytes(length));

const digestAll = (texts: readonly Uint8Array[]): number =>
  texts.reduce((sum, text) => sum + createHash('sha256').update(text).digest().length, 0);

const ecdsa = { name: 'ECDSA', hash: 'SHA-256' } as const;

export type FloorOptions = {
  readonly put: (item: SampleItem) => Promise<unknown>;
  readonly items: number;
  readonly concurrency: number;
};

/** The floor with WebCrypto, as the product signs, and with node:crypto, which blocks. */
export const floorWorks = async (options: FloorOptions): Promise<readonly Work[]> => {
  const { put, items, concurrency } = options;
  const { privateKey, publicKey } = await crypto.subtle.generateKey(
    { name: 'ECDSA', namedCurve: 'P-256' },
    true,
    ['sign', 'verify'],
  );
  const [request, answer, forward, receipt] = [
    randomBytes(requestLength),
    randomBytes(answerLength),
    randomBytes(forwardLength),
    randomBytes(receiptLength),
  ];
  const requestSignature = await crypto.subtle.sign(ecdsa, privateKey, request);
  const answerSignature = await crypto.subtle.sign(ecdsa, privateKey, answer);
  const hashed = bytesOf([...disclosureLengths, ...textLengths]);
  const dsaEncoding = 'ieee-p1363';
  const secretKey = createPrivateKey({ key: await exportJWK(privateKey), format: 'jwk' });
  const openKey = createPublicKey({ key: await exportJWK(publicKey), format: 'jwk' });
  const [secret, open] = [
    { key: secretKey, dsaEncoding },
    { key: openKey, dsaEncoding },
  ] as const;

  const withWebCrypto = async (): Promise<void> => {
    await crypto.subtle.verify(ecdsa, publicKey, requestSignature, request);
    digestAll(hashed);
    await crypto.subtle.sign(ecdsa, privateKey, forward);
    await put(sampleItem());
    await crypto.subtle.verify(ecdsa, publicKey, answerSignature, answer);
    await put(sampleItem());
    await crypto.subtle.sign(ecdsa, privateKey, receipt);
  };
  const withNodeCrypto = async (): Promise<void> => {
    verify('sha256', request, open, new Uint8Array(requestSignature));
    digestAll(hashed);
    sign('sha256', forward, secret);
    await put(sampleItem());
    verify('sha256', answer, open, new Uint8Array(answerSignature));
    await put(sampleItem());
    sign('sha256', receipt, secret);
  };
  const work = (name: string, one: () => Promise<unknown>): Work => ({
    name,
    prepare: async () => ({
      items,
      run: () => inParallel(concurrency, Array.from({ length: items }), one),
    }),
  });
  return [
    work('floor', withWebCrypto),
    work('floor (node:crypto)', withNodeCrypto),
    work('bare PutItem', () => put(sampleItem())),
    work('digests', async () => digestAll(hashed)),
  ];
};
