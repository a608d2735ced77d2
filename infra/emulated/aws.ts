import aws4 from 'aws4';
import * as z from 'zod';

export const region = 'eu-central-1';

/** Whose resources are asked for: MiniStack knows an account's root by these credentials. */
export type Account = {
  readonly id: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
};

/** The account of the exchange. */
export const exchangeAccount: Account = {
  id: '000000000000',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
};

/** Another account: for MiniStack, twelve digits are the access key of its root. */
export const accountOf = (id: string): Account => ({
  id,
  credentials: { accessKeyId: id, secretAccessKey: 'test' },
});

/** Where the emulated AWS answers, and in whose name it is asked. */
export type Target = { readonly endpoint: string; readonly account: Account };

type Call = {
  readonly service: string;
  readonly method: 'DELETE' | 'GET' | 'POST' | 'PUT';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
};

/** Makes one signed call; throws with the answer's text when it is not a 2xx. */
const call = async (
  { endpoint, account }: Target,
  { body = '', ...request }: Call,
): Promise<string> => {
  const { headers } = aws4.sign(
    { ...request, headers: { ...request.headers }, body, region, host: new URL(endpoint).host },
    account.credentials,
  );
  const response = await fetch(endpoint + request.path, {
    method: request.method,
    headers: Object.entries(headers ?? {}).map(([name, value]): [string, string] => [
      name,
      String(value),
    ]),
    ...(body === '' ? {} : { body }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${request.service} ${String(response.status)}: ${text}`);
  return text;
};

const json = (target: Target, service: string, operation: string, input: object): Promise<string> =>
  call(target, {
    service,
    method: 'POST',
    path: '/',
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': operation },
    body: JSON.stringify(input),
  });

const SecretValue = z.object({ SecretString: z.string() });

export const readSecret = async (target: Target, arn: string): Promise<string> => {
  const operation = 'secretsmanager.GetSecretValue';
  const answer = await json(target, 'secretsmanager', operation, { SecretId: arn });
  return SecretValue.parse(JSON.parse(answer)).SecretString;
};

const PublicKey = z.object({ PublicKey: z.string() });

/** The public half of a key: base64 of DER SubjectPublicKeyInfo. */
export const readPublicKey = async (target: Target, arn: string): Promise<string> => {
  const answer = await json(target, 'kms', 'TrentService.GetPublicKey', { KeyId: arn });
  return PublicKey.parse(JSON.parse(answer)).PublicKey;
};

/**
 * Takes away the policy that CDK's bootstrap puts on its bucket: it denies whatever does not come
 * by TLS, which the emulated AWS, on one machine, does not speak.
 */
export const allowPlainHttpToAssets = async (target: Target): Promise<void> => {
  const path = `/cdk-hnb659fds-assets-${target.account.id}-${region}?policy`;
  await call(target, { service: 's3', method: 'DELETE', path });
};

const BucketPolicy = z.looseObject({
  Statement: z.array(z.looseObject({ Condition: z.unknown().optional() })),
});

/** What MiniStack cannot judge: it speaks no TLS, and does not know the headers of a put. */
const unjudged = /aws:SecureTransport|s3:if-(none-)?match/;

/**
 * Takes those statements out of a bucket's policy that MiniStack cannot judge and would deny every put
 * by: here, and on this machine only. What the stacks say, and AWS holds, stays as it is.
 */
export const keepJudgedStatements = async (target: Target, bucket: string): Promise<void> => {
  const at = { service: 's3', path: `/${bucket}?policy` };
  const policy = BucketPolicy.parse(JSON.parse(await call(target, { ...at, method: 'GET' })));
  const kept = policy.Statement.filter(
    ({ Condition }) => !unjudged.test(JSON.stringify(Condition ?? {})),
  );
  if (kept.length === 0) await call(target, { ...at, method: 'DELETE' });
  else {
    const body = JSON.stringify({ ...policy, Statement: kept });
    await call(target, { ...at, method: 'PUT', body });
  }
};

/** Locks the objects of a bucket: MiniStack accepts that in a template, and does not do it. */
export const lockObjects = async (target: Target, bucket: string, days: number): Promise<void> => {
  const body = `<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule><DefaultRetention><Mode>COMPLIANCE</Mode><Days>${String(days)}</Days></DefaultRetention></Rule></ObjectLockConfiguration>`;
  await call(target, { service: 's3', method: 'PUT', path: `/${bucket}?object-lock`, body });
};

/** Starts a function and does not wait for it. */
export const startFunction = async (target: Target, name: string, event: object): Promise<void> => {
  await call(target, {
    service: 'lambda',
    method: 'POST',
    path: `/2015-03-31/functions/${name}/invocations`,
    headers: { 'x-amz-invocation-type': 'Event' },
    body: JSON.stringify(event),
  });
};
