import * as z from 'zod';
import { newId } from '../kernel/id.ts';
import type { JsonObject, JsonValue } from '../kernel/strict-json.ts';
import { postJson } from './post-json.ts';
import {
  type Connection,
  jsonOf,
  NotReached,
  type Reading,
  ReadRefused,
  readJson,
} from './read.ts';
import { readProblem } from './received-problem.ts';
import { isPassing, pauseBefore } from './retry.ts';
import { targetOf } from './route.ts';
import type { Reply } from './transport.ts';
import { UntrustedReply } from './untrusted-reply.ts';

/** What is to be exported, as `POST /v1/audit/exports` takes it. */
export type ExportQuestion = {
  /** A UUIDv7; made here when nothing is said. The same id asks for the same export again. */
  readonly id?: string;
  readonly range?: JsonObject;
  readonly filter?: JsonObject;
  readonly disclosures?: readonly { readonly inquiry: string; readonly fact: string }[];
  readonly order?: string;
  readonly reason?: string;
};

const count = z.int().min(0);

const Status = z.looseObject({
  id: z.string(),
  state: z.enum(['waiting', 'running', 'done', 'failed']),
  /** Leaves that were looked at, of how many. */
  done: count,
  total: count,
  rows: count,
  /** Of all parts that there are. */
  bytes: count,
  parts: count,
  /** ISO 8601, UTC: when it is forgotten. */
  until: z.string(),
  links: z.array(z.url()).optional(),
  problem: z.looseObject({ name: z.string(), detail: z.string() }).optional(),
});
/** How an export stands. */
export type ExportStatus = Readonly<z.infer<typeof Status>>;

/** The export cannot be made; `status` says why. */
export class ExportFailed extends Error {
  override readonly name = 'ExportFailed';
  readonly status: ExportStatus;

  constructor(status: ExportStatus) {
    super(status.problem?.detail ?? 'The export failed.');
    this.status = status;
  }
}

/** Milliseconds between two looks: first, at most, and how they grow. */
const looks = { first: 500, most: 10_000, growth: 1.5 } as const;

export type ExportAccess = {
  readonly ask: (question: ExportQuestion) => Promise<ExportStatus>;
  readonly read: (id: string) => Promise<ExportStatus>;
  /** Looks until it is done. Throws {@link ExportFailed}. */
  readonly wait: (id: string, progress?: (status: ExportStatus) => void) => Promise<ExportStatus>;
  /**
   * The parts of an export that is done, as {@link ExportAccess.wait} or `read` told of it, in the order
   * of the tar and from the one numbered `from` on; new links are asked for when their time is over. Throws
   * {@link ExportFailed} for one that was withdrawn meanwhile, as with a person who is erased. What
   * comes is the export only once it has ended.
   */
  readonly download: (
    status: ExportStatus,
    from?: number,
  ) => AsyncGenerator<{ readonly part: number; readonly bytes: Uint8Array }, void, undefined>;
};

const statusOf = (json: JsonValue, id: string): ExportStatus => {
  const parsed = Status.safeParse(json);
  if (parsed.success && parsed.data.id === id) return parsed.data;
  throw new UntrustedReply('shape', 'The body does not say how this export stands.');
};

/** Where a part is, below the exchange that this client knows: it is led nowhere else. */
const targetIn = (link: string, origin: string, id: string, part: number): string => {
  const path = targetOf('readExportPart', { id, part: String(part) });
  const { search } = new URL(link);
  if (link === origin + path + search) return path + search;
  throw new UntrustedReply('shape', 'A link leads to somewhere else.');
};

type Reader = Reading['reader'];

/** What came of one try; undefined when no whole answer came back. */
const tryPart = async (
  { baseUrl, fetch, headers, timeout }: Connection,
  target: string,
): Promise<{ readonly reply: Reply; readonly bytes: Uint8Array } | undefined> => {
  try {
    const signal = AbortSignal.timeout(timeout);
    const accept = 'application/octet-stream';
    const call = {
      method: 'GET',
      headers: { ...headers, accept },
      redirect: 'error',
      signal,
    } as const;
    const reply = await fetch(baseUrl + target, call);
    return { reply, bytes: new Uint8Array(await reply.arrayBuffer()) };
  } catch {
    return undefined;
  }
};

/** Fetches a part by its link, again after a lost connection, 429 and 503. */
const fetchPart = async (
  connection: Connection,
  target: string,
  reader: Reader,
): Promise<Uint8Array> => {
  for (let tried = 1; ; tried += 1) {
    const got = await tryPart(connection, target);
    if (got?.reply.status === 200) return got.bytes;
    const isFinal = got !== undefined && !isPassing(got.reply.status, undefined);
    const pause = isFinal ? undefined : pauseBefore(tried, got?.reply, reader);
    if (pause === undefined) {
      if (got === undefined) throw new NotReached();
      const text = Buffer.from(got.bytes).toString('utf8');
      throw new ReadRefused(readProblem(got.reply.status, jsonOf(text)).problem, undefined);
    }
    await connection.wait(pause);
  }
};

const linksIn = (status: ExportStatus): readonly string[] => {
  if (status.state === 'failed') throw new ExportFailed(status);
  if (status.links?.length === status.parts) return status.links;
  throw new UntrustedReply('shape', 'The export is not done, or its links are not all there.');
};

/** The link's time is over, or that of the export: how it stands says which, and why. */
const isStale = (error: unknown): boolean =>
  error instanceof ReadRefused &&
  (error.problem.name === 'link-invalid' || error.problem.name === 'not-found');

/** A participant's exports: asks for them, waits, and fetches them part by part. */
export const exportAccess = (connection: Connection, reader: Reader): ExportAccess => {
  const read = async (id: string): Promise<ExportStatus> =>
    statusOf(
      await readJson(connection, targetOf('readExport', { id }), reader, 'access-token'),
      id,
    );

  return {
    read,
    ask: async (question) => {
      const { id = newId(reader.now(), reader.random) } = question;
      const asked = {
        ...question,
        id,
        disclosures: question.disclosures?.map((one) => ({ ...one })),
      };
      const body = Object.fromEntries(
        Object.entries(asked).flatMap(([name, value]) =>
          value === undefined ? [] : [[name, value] as const],
        ),
      );
      return statusOf(await postJson(connection, targetOf('askForExport', {}), reader, body), id);
    },
    wait: async (id, progress) => {
      for (let pause: number = looks.first; ; pause = Math.min(looks.most, pause * looks.growth)) {
        const status = await read(id);
        progress?.(status);
        if (status.state === 'done') return status;
        if (status.state === 'failed') throw new ExportFailed(status);
        await connection.wait(pause);
      }
    },
    download: async function* (status, from = 0) {
      const { id, parts } = status;
      let links = linksIn(status);
      let size = 0;
      for (let part = from; part < parts; part += 1) {
        const fetched = () => {
          const target = targetIn(links[part] ?? '', connection.origin, id, part);
          return fetchPart(connection, target, reader);
        };
        const bytes = await fetched().catch(async (error: unknown) => {
          if (!isStale(error)) throw error;
          links = linksIn(await read(id));
          return fetched();
        });
        size += bytes.length;
        yield { part, bytes };
      }
      if (from === 0 && size !== status.bytes) {
        throw new UntrustedReply('shape', 'The parts are not as many bytes as the export has.');
      }
    },
  };
};
