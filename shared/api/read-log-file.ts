import { logKey } from '../audit/sequence/log-files.ts';
import type { Resource } from '../audit/tlog/tile-path.ts';
import { type Exchange, type ExchangeSettings, receiverOf } from '../inquiry/exchange.ts';
import { Problem } from '../kernel/problem.ts';
import { onRecord, type RecordParts } from '../oversight/read-on-record.ts';
import { scopesOf } from '../registry/scope.ts';
import { authorizeSender, type Bound, type Sender } from './authorize.ts';
import { parseLogAddress } from './log-address.ts';
import type { Route } from './routes.ts';

/** What the readers of a log stand on. */
export type LogReading = Pick<Exchange, 'directory' | 'now'> &
  RecordParts & {
    readonly log: Pick<Exchange['log'], 'objects' | 'policy'>;
    readonly settings: Pick<ExchangeSettings, 'origin' | 'logEntries'> & {
      readonly layout: Pick<ExchangeSettings['layout'], 'shards'>;
    };
  };

/** One request for a file of a log. */
export type LogFileCall = {
  readonly route: Pick<Route, 'roles'>;
  readonly bound: Bound;
  readonly authorization: string | undefined;
};

export type LogFile = {
  readonly bytes: Uint8Array;
  /** A Cache-Control field (RFC 9111 §5.2.2). */
  readonly caching: string;
  /** Puts on record that somebody reads it; to be done before its bytes are shown, if it is there. */
  readonly note?: () => Promise<void>;
};

const forEver = 'max-age=31536000, immutable';

const cachingOf = ({ kind }: Resource, entries: ExchangeSettings['logEntries']): string => {
  switch (kind) {
    case 'checkpoint':
      return 'public, max-age=2';
    case 'tile':
      return `public, ${forEver}`;
    case 'bundle':
      return `${entries === 'public' ? 'public' : 'private'}, ${forEver}`;
  }
};

/** A bundle holds whatever was asked at a time, of everybody. */
const seesEverything = async ({ directory }: LogReading, by: string): Promise<boolean> => {
  const participant = await directory.participant(by);
  return participant !== undefined && scopesOf(participant).some(({ kind }) => kind === 'all');
};

/** Refuses whoever reads a part only, on record like what it reads. */
const refuse = (reading: LogReading, sender: Sender, path: string): Promise<never> => {
  const address = parseLogAddress(path);
  const filter =
    address?.resource.kind === 'bundle'
      ? { shard: address.shard, bundle: address.resource.index }
      : {};
  const said = 'Bundles are for readers of everything: search or export what is yours to see.';
  return onRecord(reading)({ ...sender, act: 'bundle', filter }, () =>
    Promise.reject(new Problem('out-of-scope', said)),
  );
};

/**
 * Who may read entries is asked before what there is: an address must not tell it. Undefined where
 * everybody may.
 */
const admit = async (
  reading: LogReading,
  kind: Resource['kind'],
  { authorization, route, bound }: LogFileCall,
): Promise<Sender | undefined> => {
  if (kind !== 'bundle' || reading.settings.logEntries === 'public') return undefined;
  const sender = await authorizeSender(authorization, route, bound, receiverOf(reading));
  return (await seesEverything(reading, sender.by)) ? sender : refuse(reading, sender, bound.path);
};

/**
 * A file of a published log: of that kind only, whatever the address says. `not-found` for an
 * address that is not exactly right, for a log that is none of ours and for a file that is not there.
 */
export const readLogFile = async (
  reading: LogReading,
  kind: Resource['kind'],
  call: LogFileCall,
): Promise<LogFile> => {
  const sender = await admit(reading, kind, call);
  const address = parseLogAddress(call.bound.path);
  const { layout, logEntries } = reading.settings;
  const isOurs = address?.resource.kind === kind && address.shard < layout.shards;
  const bytes =
    address === undefined || !isOurs
      ? undefined
      : await reading.log.objects.get(logKey(address.shard, address.path));
  if (address === undefined || bytes === undefined) {
    throw new Problem('not-found', 'The log has no such file.');
  }
  const { shard, resource } = address;
  const file = { bytes, caching: cachingOf(resource, logEntries) };
  if (sender === undefined || resource.kind !== 'bundle') return file;
  const filter = { shard, bundle: resource.index };
  const access = { ...sender, act: 'bundle', filter, n: resource.width } as const;
  return { ...file, note: () => reading.noteAccess(access) };
};
