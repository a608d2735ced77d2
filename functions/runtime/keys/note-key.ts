import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import type { NoteSigner } from '#shared/audit/note-signer.ts';
import { pemNoteSigner } from '#shared/audit/pem-note-signer.ts';
import { fromBase64, toBase64 } from '#shared/audit/tlog/base64.ts';
import { rawEd25519, type SignatureType, verifierKey } from '#shared/audit/tlog/verifier-key.ts';
import { Problem } from '#shared/kernel/problem.ts';
import { type AwsJsonCall, awsJsonClient } from '../aws-json.ts';
import type { NoteKeyEnv } from '../env.ts';

type Named = { readonly name: string; readonly type: SignatureType };

/** Which key signs under which name; for the log itself and for a witness alike. */
export type NoteKeySettings = Named & { readonly env: NoteKeyEnv };

const kmsClient = (env: NoteKeyEnv): AwsJsonCall =>
  awsJsonClient({
    service: 'kms',
    target: 'TrentService',
    contentType: 'application/x-amz-json-1.1',
    endpoint: env.AWS_ENDPOINT_URL ?? `https://kms.${env.AWS_REGION}.amazonaws.com`,
    region: env.AWS_REGION,
    credentials: {
      accessKeyId: env.AWS_ACCESS_KEY_ID,
      secretAccessKey: env.AWS_SECRET_ACCESS_KEY,
      sessionToken: env.AWS_SESSION_TOKEN,
    },
  });

const unavailable = (cause: unknown): Problem =>
  new Problem(
    'signer-unavailable',
    'The key that signs cannot be had; nothing was signed.',
    { retryAfter: 2 },
    { cause },
  );

const Bytes = z.string().transform((text, context) => {
  const bytes = fromBase64(text);
  if (bytes !== undefined) return bytes;
  context.addIssue('is no base64');
  return z.NEVER;
});

const PublicKeyAnswer = z.object({ PublicKey: Bytes, KeyUsage: z.literal('SIGN_VERIFY') });
const SignAnswer = z.object({
  Signature: Bytes.refine(({ length }) => length === 64, 'has not 64 bytes'),
});

/** Asks KMS; whatever it does not answer as it should is `signer-unavailable`. */
const ask = async <Answer>(
  answered: Promise<unknown>,
  shape: z.ZodType<Answer>,
): Promise<Answer> => {
  try {
    return shape.parse(await answered);
  } catch (cause) {
    throw unavailable(cause);
  }
};

/** The private key never leaves KMS, which signs at most 4096 bytes in one piece. */
const kmsSigner = async (call: AwsJsonCall, arn: string, named: Named): Promise<NoteSigner> => {
  const { PublicKey: spki } = await ask(call('GetPublicKey', { KeyId: arn }), PublicKeyAnswer);
  return {
    verifier: verifierKey(named.name, named.type, rawEd25519(spki)),
    sign: async (message) => {
      const input = {
        KeyId: arn,
        Message: toBase64(message),
        MessageType: 'RAW',
        SigningAlgorithm: 'ED25519_SHA_512',
      };
      return (await ask(call('Sign', input), SignAnswer)).Signature;
    },
  };
};

const fileSigner = async (path: string, named: Named): Promise<NoteSigner> => {
  try {
    return pemNoteSigner(named, await readFile(path, 'utf8'));
  } catch (cause) {
    throw cause instanceof Error && 'code' in cause ? unavailable(cause) : cause;
  }
};

/**
 * Opens the key that the environment names, once a process. Rejects with `signer-unavailable` when KMS
 * or the file cannot be had, with {@link VerifierKeyInvalid} when the key is not Ed25519 or the name is
 * not allowed, and with an Error when not exactly one of NOTE_KEY_ARN and NOTE_KEY_FILE is set.
 */
export const openNoteSigner = async ({ env, ...named }: NoteKeySettings): Promise<NoteSigner> => {
  const { NOTE_KEY_ARN: arn, NOTE_KEY_FILE: file } = env;
  if (arn !== undefined && file === undefined) return kmsSigner(kmsClient(env), arn, named);
  if (file !== undefined && arn === undefined) return fileSigner(file, named);
  throw new Error(
    'The environment is not right: one of NOTE_KEY_ARN and NOTE_KEY_FILE must be set, and only one',
  );
};
