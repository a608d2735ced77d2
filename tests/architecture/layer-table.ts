/** One row of the table "who may import whom". */
export type Layer = {
  /** A folder from the root; `*` stands for one folder's name. The longest that fits a file is its layer. */
  readonly folder: string;
  /** Layers, or single files, of this repository; its own layer needs no mention. */
  readonly ours: readonly string[];
  /** Those of which it may only use the types. */
  readonly oursAsTypes?: readonly string[];
  /** Packages and built-in modules; a `*` at the end stands for any rest. */
  readonly packages: readonly string[];
  /** It may import what is not known before it runs. */
  readonly computedImports?: true;
  /** It may not touch time, randomness, the process or the network. */
  readonly pure?: true;
};

/** The concepts of shared/ in their order: each may import those before it. */
const concepts = [
  'persian',
  'message',
  'audit',
  'registry',
  'inquiry',
  'oversight',
  'api',
] as const;

/** What a concept may import over and above zod and hashing. */
const conceptPackages: Partial<Record<(typeof concepts)[number], readonly string[]>> = {
  message: ['jose'],
  audit: ['node:zlib'],
  registry: ['@cfworker/json-schema'],
};

/** The audit log is to be judged by itself: it stands on the kernel and the events only. */
const standsAlone = 'audit';

const conceptLayer = (concept: (typeof concepts)[number], position: number): Layer => {
  const before = concept === standsAlone ? [] : concepts.slice(0, position);
  return {
    folder: `shared/${concept}`,
    ours: ['shared/kernel', 'events', ...before.map((name) => `shared/${name}`)],
    packages: ['zod', 'node:crypto', ...(conceptPackages[concept] ?? [])],
    pure: true,
  };
};

const everyConcept = ['shared/kernel', ...concepts.map((name) => `shared/${name}`)];

const clientMay = ['kernel', 'persian', 'message', 'audit', 'api'].map((name) => `shared/${name}`);

export const layers: readonly Layer[] = [
  { folder: 'events', ours: [], packages: ['zod'], pure: true },
  {
    folder: 'shared/kernel',
    ours: [],
    packages: ['node:crypto', 'canonicalize', 'dataloader', 'zod'],
    pure: true,
  },
  ...concepts.map(conceptLayer),
  {
    folder: 'shared/client',
    ours: [...clientMay, 'events'],
    packages: ['zod', 'node:crypto', 'jose', 'uuid'],
    pure: true,
  },
  {
    folder: 'shared/client/cli',
    ours: [...clientMay, 'events', 'shared/client', 'shared/registry'],
    packages: ['zod', 'jose', 'uuid', 'commander', '@clack/prompts', 'node:*'],
  },
  {
    folder: 'functions/runtime',
    ours: [...everyConcept, 'events'],
    packages: [
      '@aws-lambda-powertools/*',
      'aws-lambda',
      'aws4',
      'cockatiel',
      'jose',
      'zod',
      'node:*',
    ],
  },
  {
    folder: 'functions/*',
    ours: ['functions/runtime', ...everyConcept, 'events'],
    packages: [],
  },
  {
    folder: 'infra',
    ours: ['shared/api/routes.ts'],
    packages: ['aws-cdk-lib', 'aws-cdk-lib/*', 'constructs', 'cdk-nag', 'esbuild', 'zod', 'node:*'],
  },
  {
    folder: 'infra/local',
    ours: [
      'shared/api',
      'shared/audit',
      'shared/client',
      'shared/client/cli/file-lock.ts',
      'shared/client/cli/progress.ts',
      'shared/kernel',
      'shared/persian',
      'shared/message',
    ],
    oursAsTypes: ['shared/registry'],
    packages: ['node:*', 'aws-lambda', 'oidc-provider'],
    computedImports: true,
  },
  {
    folder: 'infra/emulated',
    ours: [
      'infra',
      'infra/local/free-port.ts',
      'shared/api',
      'shared/client',
      'shared/kernel',
      'shared/persian',
      'shared/message',
    ],
    oursAsTypes: ['shared/registry'],
    packages: ['node:*', '@aws-sdk/*', 'aws4', 'zod'],
  },
];
