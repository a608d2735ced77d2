/** AWS Signature Version 4 as the receiving service computes it, written from AWS's description. */
import { createHash, createHmac } from 'node:crypto';

export type Signed = {
  readonly method: string;
  readonly path: string;
  /** Header names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

const hmac = (key: string | Buffer, text: string): Buffer =>
  createHmac('sha256', key).update(text).digest();

const field =
  /^AWS4-HMAC-SHA256 Credential=(?<id>[^/]+)\/(?<day>[0-9]{8})\/(?<region>[^/]+)\/(?<service>[^/]+)\/aws4_request, SignedHeaders=(?<signed>[a-z0-9;-]+), Signature=(?<signature>[0-9a-f]{64})$/;

export type Judged = {
  readonly holds: boolean;
  readonly id: string;
  readonly region: string;
  readonly service: string;
  readonly signedHeaders: readonly string[];
};

/** Whether the Authorization field of a request holds under this secret; its query is encoded as AWS wants it. */
export const judgeSignature = ({ method, path, headers, body }: Signed, secret: string): Judged => {
  const {
    id = '',
    day = '',
    region = '',
    service = '',
    signed = '',
    signature = '',
  } = field.exec(headers['authorization'] ?? '')?.groups ?? {};
  const signedHeaders = signed.split(';');
  const canonicalHeaders = signedHeaders.map((name) => `${name}:${(headers[name] ?? '').trim()}\n`);
  const [resource = '', query = ''] = path.split('?');
  const sorted = query.split('&').toSorted().join('&');
  const canonical = [
    method,
    resource,
    sorted,
    canonicalHeaders.join(''),
    signed,
    sha256(body),
  ].join('\n');
  const scope = `${day}/${region}/${service}/aws4_request`;
  const toSign = ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, sha256(canonical)].join('\n');
  const key = [day, region, service, 'aws4_request'].reduce<string | Buffer>(hmac, `AWS4${secret}`);
  const expected = hmac(key, toSign).toString('hex');
  return { holds: signature === expected, id, region, service, signedHeaders };
};
