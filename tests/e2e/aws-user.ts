/** Calls of AWS's own APIs, in the name of anybody; where a test wants to do what no function does. */
import aws4 from 'aws4';
import * as z from 'zod';

export type Credentials = { readonly accessKeyId: string; readonly secretAccessKey: string };

export type AwsAsked = {
  readonly service: 'iam' | 'kms' | 's3';
  readonly method: 'DELETE' | 'GET' | 'HEAD' | 'POST' | 'PUT';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
};

export type AwsAnswer = {
  readonly status: number;
  readonly text: string;
  readonly header: (name: string) => string | null;
};

export type AwsCaller = (asked: AwsAsked) => Promise<AwsAnswer>;

/** Who calls an AWS at `endpoint`. */
export const awsCaller =
  (endpoint: string, region: string, credentials: Credentials): AwsCaller =>
  async ({ service, method, path, headers = {}, body = '' }) => {
    const host = new URL(endpoint).host;
    const signed = aws4.sign(
      { service, region, method, path, host, headers: { ...headers }, body },
      credentials,
    );
    const answer = await fetch(endpoint + path, {
      method,
      headers: Object.entries(signed.headers ?? {}).map(([name, value]): [string, string] => [
        name,
        String(value),
      ]),
      ...(body !== '' && { body }),
    });
    const text = await answer.text();
    return { status: answer.status, text, header: (name) => answer.headers.get(name) };
  };

const form = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };

const iam = async (root: AwsCaller, action: string, input: Readonly<Record<string, string>>) => {
  const body = new URLSearchParams({ Action: action, Version: '2010-05-08', ...input }).toString();
  const answer = await root({ service: 'iam', method: 'POST', path: '/', headers: form, body });
  if (answer.status !== 200) throw new Error(`${action} failed: ${answer.text}`);
  return answer.text;
};

const element = (xml: string, name: string): string =>
  z.string().parse(new RegExp(`<${name}>([^<]+)</${name}>`).exec(xml)?.[1]);

/** A new user of the account who is allowed these actions on everything. */
export const newUser = async (
  root: AwsCaller,
  actions: readonly string[],
): Promise<Credentials> => {
  const UserName = `estelam-e2e-${crypto.randomUUID()}`;
  const PolicyDocument = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }],
  });
  await iam(root, 'CreateUser', { UserName });
  await iam(root, 'PutUserPolicy', { UserName, PolicyName: 'all', PolicyDocument });
  const key = await iam(root, 'CreateAccessKey', { UserName });
  return {
    accessKeyId: element(key, 'AccessKeyId'),
    secretAccessKey: element(key, 'SecretAccessKey'),
  };
};
