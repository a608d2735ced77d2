import aws4 from 'aws4';
import * as z from 'zod';

/** Where the emulated AWS lives. The account is the one its root key stands for. */
export const account = '000000000000';
export const region = 'eu-central-1';
export const credentials = { accessKeyId: 'test', secretAccessKey: 'test' } as const;

type Call = {
  readonly endpoint: string;
  readonly service: string;
  readonly method: 'DELETE' | 'POST';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
};

/** Makes one signed call; throws with the answer's text when it is not a 2xx. */
const call = async ({ endpoint, body = '', ...request }: Call): Promise<string> => {
  const { headers } = aws4.sign(
    { ...request, headers: { ...request.headers }, body, region, host: new URL(endpoint).host },
    credentials,
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

const SecretValue = z.object({ SecretString: z.string() });

export const readSecret = async (endpoint: string, arn: string): Promise<string> => {
  const text = await call({
    endpoint,
    service: 'secretsmanager',
    method: 'POST',
    path: '/',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'secretsmanager.GetSecretValue',
    },
    body: JSON.stringify({ SecretId: arn }),
  });
  return SecretValue.parse(JSON.parse(text)).SecretString;
};

/**
 * Takes away the policy that CDK's bootstrap puts on its bucket: it denies whatever does not come
 * by TLS, which the emulated AWS, on one machine, does not speak.
 */
export const allowPlainHttpToAssets = async (endpoint: string): Promise<void> => {
  const path = `/cdk-hnb659fds-assets-${account}-${region}?policy`;
  await call({ endpoint, service: 's3', method: 'DELETE', path });
};
