import type { ObjectRemover } from '#shared/audit/object-remover.ts';
import type { ObjectStore } from '#shared/audit/ports.ts';
import type { Env } from '../env.ts';
import { directoryObjectRemover } from './directory-object-remover.ts';
import { directoryObjectStore } from './directory-object-store.ts';
import { s3ObjectRemover } from './s3-object-remover.ts';
import { type S3Settings, s3ObjectStore } from './s3-object-store.ts';

type Kind = 'OBJECTS' | 'STAGING' | 'DERIVED';

const settingsOf = (env: Env, kind: Kind) => {
  switch (kind) {
    case 'OBJECTS':
      return { bucket: env.OBJECTS_BUCKET, directory: env.OBJECTS_DIRECTORY };
    case 'STAGING':
      return { bucket: env.STAGING_BUCKET, directory: env.STAGING_DIRECTORY };
    case 'DERIVED':
      return { bucket: env.DERIVED_BUCKET, directory: env.DERIVED_DIRECTORY };
  }
};

type Place = { readonly directory: string } | { readonly s3: S3Settings };

const placeOf = (env: Env, kind: Kind): Place => {
  const { bucket, directory } = settingsOf(env, kind);
  const names = `${kind}_BUCKET and ${kind}_DIRECTORY`;
  if (bucket !== undefined && directory !== undefined) {
    throw new Error(`The environment is not right: only one of ${names} may be set`);
  }
  if (directory !== undefined) return { directory };
  if (bucket === undefined) {
    throw new Error(`The environment is not right: one of ${names} must be set`);
  }
  return {
    s3: {
      bucket,
      endpoint: env.OBJECTS_ENDPOINT ?? env.AWS_ENDPOINT_URL,
      region: env.AWS_REGION,
      credentials: {
        accessKeyId: env.AWS_ACCESS_KEY_ID,
        secretAccessKey: env.AWS_SECRET_ACCESS_KEY,
        sessionToken: env.AWS_SESSION_TOKEN,
      },
    },
  };
};

/** The one store that the settings name; throws with their names when they name none, or two. */
export const openObjectStore = (env: Env, kind: Kind): ObjectStore => {
  const place = placeOf(env, kind);
  return 's3' in place ? s3ObjectStore(place.s3) : directoryObjectStore(place.directory);
};

/** Removes what can be made again, or is kept for a time; there is none for other stores. */
export const openObjectRemover = (env: Env): ObjectRemover => {
  const place = placeOf(env, 'DERIVED');
  return 's3' in place ? s3ObjectRemover(place.s3) : directoryObjectRemover(place.directory);
};

/** Where the log's objects stand, and what is staged for them. */
export const openObjects = (
  env: Env,
): { readonly objects: ObjectStore; readonly staging: ObjectStore } => ({
  objects: openObjectStore(env, 'OBJECTS'),
  staging: openObjectStore(env, 'STAGING'),
});
