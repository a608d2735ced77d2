import { fromIntentText } from '../../inquiry/record.ts';
import { InquiryId, timeOf } from '../../kernel/id.ts';
import type { LimitState } from '../../kernel/limit-state.ts';
import { Problem } from '../../kernel/problem.ts';
import type { JsonValue } from '../../kernel/strict-json.ts';
import { type Disclosure, parseDisclosure } from '../../message/disclosure.ts';
import type { AuditEntry } from '../entries/audit-entry.ts';
import { findOne, type OneParts } from '../entries/find-one.ts';
import { type IndexReading, readEdge } from '../entries/index-edge.ts';
import { onRecord, type Read } from '../read-on-record.ts';
import { type LimitParts, spendReaderLimit } from '../reader-limit.ts';
import { narrowedFor } from '../reader-scope.ts';
import type { DisclosureRequest } from './disclosure-request.ts';
import { type FoundVault, findVault, type VaultParts } from './find-vault.ts';

export type DisclosureParts = IndexReading & OneParts & VaultParts & LimitParts;

/** One fact of an inquiry, and what shows that it is the very one that was asked about. */
export type OpenedFact = {
  readonly inquiry: string;
  readonly name: string;
  readonly value: JsonValue;
  /** The disclosure as the counter made it (RFC 9901 §4.2). */
  readonly disclosure: string;
  /** base64url(SHA-256) of that text, as it stands in `_sd` of the request. */
  readonly digest: string;
  /** The counter's signed token, as it stands in the log. */
  readonly request: string;
};

const gone: Readonly<Record<Extract<FoundVault, string>, string>> = {
  erased: 'The facts of this inquiry were erased.',
  lost: 'The facts of this inquiry are not kept any more, or were never found.',
};

/** What is sealed was judged when it was asked: if it does not fit now, something was changed. */
const openedIn = (
  texts: readonly string[],
  fact: DisclosureRequest['fact'],
  digests: readonly string[],
): Disclosure => {
  const opened = texts.map(parseDisclosure).find(({ name }) => name === fact);
  if (opened !== undefined && digests.includes(opened.digest)) return opened;
  throw new Error('The vault of an inquiry holds another thing than its request disclosed.');
};

const open = (
  { i, id }: AuditEntry,
  fact: DisclosureRequest['fact'],
  texts: readonly string[],
): OpenedFact => {
  if (i === undefined) throw new Error('An entry was read without its texts.');
  const { event, claims } = fromIntentText(i);
  const { name, value, text, digest } = openedIn(texts, fact, claims._sd ?? []);
  return { inquiry: id, name, value, disclosure: text, digest, request: event.req };
};

const find =
  (parts: DisclosureParts) =>
  async ({ inquiry, fact }: DisclosureRequest, reader: string): Promise<OpenedFact | Problem> => {
    const id = InquiryId.parse(inquiry);
    const t = timeOf(id);
    const edge = await readEdge(parts);
    const query = await narrowedFor(parts.directory)({ from: t, to: t + 1 }, reader, edge.until);
    const {
      entries: [entry],
    } = await findOne(parts)(id, query, edge, true);
    if (entry === undefined) return new Problem('not-found', 'There is no such inquiry.');
    const found = await findVault(parts)(id, entry.leaf);
    if (found === 'erased' || found === 'lost') return new Problem('not-found', gone[found]);
    return open(entry, fact, found);
  };

/**
 * Opens one fact of one inquiry (`POST /v1/audit/disclosures`), which is counted for its reader and on
 * record, with its reason, before it is shown; that there is nothing to open is on record as well.
 * Throws `not-found`, which says whether the facts were erased, as for an inquiry that is not the
 * reader's to see; `rate-limited`, `out-of-scope`, and `index-unavailable`.
 */
export const openDisclosure =
  (parts: DisclosureParts) =>
  async (
    request: DisclosureRequest,
    sender: Pick<Read, 'by' | 'kid'>,
  ): Promise<{ readonly fact: OpenedFact; readonly limits: readonly LimitState[] }> => {
    const { inquiry, fact, order, reason } = request;
    const read: Read = {
      ...sender,
      act: 'disclosure',
      filter: { inquiry, fact },
      ...(order !== undefined && { order }),
      reason,
    };
    const limits = await spendReaderLimit(parts)('disclosures', read);
    const { found } = await onRecord(parts)(read, async () => {
      const came = await find(parts)(request, sender.by);
      return { found: came, n: came instanceof Problem ? 0 : 1 };
    });
    if (found instanceof Problem) throw found;
    return { fact: found, limits };
  };
