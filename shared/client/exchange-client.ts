import type { Clock } from '../kernel/clock.ts';
import type { JsonObject } from '../kernel/strict-json.ts';
import type { KeyDirectory, Signer, VerificationKey } from '../message/key.ts';
import { type AskResult, sendDraft } from './ask.ts';
import { type AuditFilter, followEntries } from './audit-entries.ts';
import { type ExportAccess, exportAccess } from './audit-export.ts';
import {
  type AuditQuestion,
  askQuestion,
  type QuestionAnswer,
  readQuestions,
} from './audit-questions.ts';
import { type AuditSummary, followSummary, type SummaryQuestion } from './audit-summary.ts';
import {
  type CatalogueEntry,
  type Requirements,
  readCatalogue,
  readRequirements,
  readVersions,
} from './catalogue.ts';
import { type CheckedReceipt, checkReceipt, type Trust } from './check-reply.ts';
import { type Diagnosis, diagnoseText, readDiagnosis } from './diagnosis.ts';
import { type ErasingAccess, erasingAccess } from './erasing-access.ts';
import { type CheckedProof, type ProofCheck, waitForProof } from './inquiry-proof.ts';
import { type InquiryStatus, readStatus } from './inquiry-status.ts';
import { type CheckedFact, type DisclosureQuestion, openFact } from './open-disclosure.ts';
import { postJson } from './post-json.ts';
import { loadedDirectory, readKeySet } from './published-keys.ts';
import { type Connection, readJson } from './read.ts';
import { type DayReconciled, type OwnRecords, reconcileDay } from './reconcile-day.ts';
import { registeredKeys } from './registered-keys.ts';
import { type Query, targetOf } from './route.ts';
import { type CommandResult, sendCommand } from './send-command.ts';
import { type Command, draftCommand } from './sign-command.ts';
import {
  type Draft,
  draftInquiry,
  type Question,
  type Random,
  type SignedRequest,
} from './sign-request.ts';
import { type DayNumbers, type StateResult, sendStatement } from './state-day.ts';
import { followSearch, type SearchedPage, type SubjectSearch } from './subject-search.ts';
import type { Transport, Wait } from './transport.ts';

export type ClientOptions = {
  /** Where requests are sent, without a slash at the end. */
  readonly baseUrl: string;
  /** What the exchange calls itself; it differs from `baseUrl` behind a gateway that is emulated. */
  readonly origin: string;
  readonly participant: string;
  readonly signer: Signer;
  readonly fetch: Transport;
  readonly wait: Wait;
  readonly now: Clock;
  readonly random: Random;
  /** Sent with every request, for example `host`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Milliseconds after which a connection counts as lost; 30,000 when nothing is said. */
  readonly timeout?: number;
  /**
   * Agencies' keys that the caller has pinned itself. Without it the keys on record are taken, and
   * so the exchange's word for whose they are.
   */
  readonly keyOf?: KeyDirectory;
};

export type CheckedStatus = {
  readonly status: InquiryStatus;
  readonly receipt: CheckedReceipt | undefined;
};

/** A participant's side of the exchange: asks, reads, and believes nothing that is not signed. */
export type ExchangeClient = {
  /** Asks and settles, retries and all. */
  readonly ask: (question: Question) => Promise<AskResult>;
  /** The first half of {@link ask}. */
  readonly draft: (question: Question) => Draft;
  /** The second half: may be called again with the same draft while nothing came of it. */
  readonly send: (draft: Draft) => Promise<AskResult>;
  /** Changes the registry, retries and all: takes effect once, however often it is sent. */
  readonly command: (command: Command) => Promise<CommandResult>;
  /**
   * States the sequence numbers that were used on a day of Tehran (`2026-11-22`) which is over,
   * retries and all: once for ever, so it is sent when the day's numbers are settled.
   */
  readonly state: (day: string, numbers: DayNumbers) => Promise<StateResult>;
  readonly readInquiry: (id: string) => Promise<CheckedStatus>;
  /** Every check on a signed request, which is not sent in earnest and can be afterwards. */
  readonly diagnose: (text: string) => Promise<Diagnosis>;
  /** Why a message was refused, by the `instance` of its problem, or what an inquiry came to, by its id. */
  readonly diagnosis: (id: string) => Promise<Diagnosis>;
  /** The proof that an inquiry is in the log, waited for and checked. */
  readonly proof: (id: string, how: ProofCheck) => Promise<CheckedProof>;
  readonly listServices: () => Promise<readonly CatalogueEntry[]>;
  /** The versions of `agency/name`. */
  readonly readService: (agency: string, name: string) => Promise<readonly CatalogueEntry[]>;
  readonly auditEntries: (filter: AuditFilter) => AsyncGenerator<JsonObject, void, undefined>;
  /** How many entries there are by what they say, added up from as many parts as it takes. */
  readonly auditSummary: (
    question: SummaryQuestion,
    progress?: (counted: number) => void,
  ) => Promise<AuditSummary>;
  /** The ready-made questions, and one of them asked. */
  readonly auditQuestions: () => Promise<readonly AuditQuestion[]>;
  readonly auditQuestion: (name: string, query: Query) => Promise<QuestionAnswer>;
  /** The inquiries about a person, or of an operator, under an order: pages, each on record. */
  readonly subjectSearch: (search: SubjectSearch) => AsyncGenerator<SearchedPage, void, undefined>;
  /** One fact of one inquiry, opened on record and checked against the counter's signature. */
  readonly openDisclosure: (question: DisclosureQuestion) => Promise<CheckedFact>;
  /** What a counter or an agency has of a day of Tehran, held against the log. */
  readonly reconcile: (day: string, own: OwnRecords) => Promise<DayReconciled>;
  /** Exports of the log: each is a read that is on record. */
  readonly exports: ExportAccess;
  /** Erasures of persons, and what keeps from them: for the registrar, and holds for auditors too. */
  readonly erasing: ErasingAccess;
  /** The exchange's own keys. */
  readonly keys: () => Promise<readonly VerificationKey[]>;
  readonly requirements: () => Promise<Requirements>;
};

/** `civil-registry/identity@1` taken apart. */
const partsOf = (service: string): { readonly agency: string; readonly name: string } => {
  const [, agency = '', name = ''] = /^([^/@]+)\/([^/@]+)@/.exec(service) ?? [];
  return { agency, name };
};

/** Keeps what the first call loads; a failed load is forgotten. */
const once = <Value>(load: () => Promise<Value>): (() => Promise<Value>) => {
  let loading: Promise<Value> | undefined;
  return async () => {
    loading ??= load();
    try {
      return await loading;
    } catch (error) {
      loading = undefined;
      throw error;
    }
  };
};

/**
 * What was signed for each draft: the receipt of a retry names the token that was journalled, which
 * may be one of an earlier call. Forgotten with the draft itself.
 */
const memoryOfSent = (): ((draft: Draft) => SignedRequest[]) => {
  const byDraft = new WeakMap<Draft, SignedRequest[]>();
  return (draft) => {
    const sent = byDraft.get(draft) ?? [];
    byDraft.set(draft, sent);
    return sent;
  };
};

/** A client of one exchange for one participant. */
export const exchangeClient = (options: ClientOptions): ExchangeClient => {
  const { baseUrl, origin, participant, signer, now, random, headers = {} } = options;
  const { fetch, wait, timeout = 30_000 } = options;
  const connection: Connection = { baseUrl, origin, fetch, wait, headers, timeout };
  const reader = { participant, signer, now, random };
  const asker = { ...reader, audience: origin + targetOf('submitInquiry', {}) };
  const commander = { ...reader, audience: origin + targetOf('runCommand', {}) };
  const stater = { ...reader, audience: origin + targetOf('stateDay', {}) };
  const readOpen = (target: string) => readJson(connection, target, reader, 'none');
  const readOwn = (target: string) => readJson(connection, target, reader, 'access-token');
  const post = (target: string, question: JsonObject) =>
    postJson(connection, target, reader, question);

  const requirements = async () =>
    readRequirements(await readOpen(targetOf('readRequirements', {})));
  const exchangeId = once(async () => (await requirements()).id);
  const keys = async () => readKeySet(await readOpen(targetOf('readKeys', {})), await exchangeId());
  const exchangeKeyOf = loadedDirectory(keys, now);
  const trust = async (): Promise<Trust> => ({
    participant,
    exchangeId: await exchangeId(),
    exchangeKeyOf,
    now,
  });

  const readService = async (agency: string, name: string) =>
    readVersions(await readOpen(targetOf('readService', { agency, name })));
  const keyOf = options.keyOf ?? registeredKeys((kid) => readOpen(targetOf('readKey', { kid })));
  const agencyOf = async (service: string) => ({
    id: `agency:${partsOf(service).agency}`,
    keyOf,
  });

  const sentOf = memoryOfSent();
  const send = (draft: Draft) => sendDraft(draft, { sentOf, connection, asker, trust, agencyOf });
  return {
    draft: (question) => draftInquiry(question, asker),
    send,
    ask: (question) => send(draftInquiry(question, asker)),
    command: (command) => sendCommand(draftCommand(command, reader), connection, commander),
    state: (day, numbers) => sendStatement(day, numbers, connection, stater),
    readInquiry: async (id) => {
      const status = readStatus(await readOwn(targetOf('readInquiry', { id })));
      const { receipt, by = participant } = status;
      if (receipt === undefined) return { status, receipt };
      // A receipt is for whoever signed: one of a delegate's inquiry is addressed to the delegate.
      const whose = { ...(await trust()), participant: by };
      return { status, receipt: await checkReceipt(receipt, id, 'unknown', whose) };
    },
    diagnose: (text) => diagnoseText(connection, text),
    diagnosis: async (id) => readDiagnosis(await readOwn(targetOf('readDiagnosis', { id }))),
    proof: (id, how) => waitForProof(connection, reader, id, how),
    listServices: async () => readCatalogue(await readOpen(targetOf('listServices', {}))),
    readService,
    auditEntries: (filter) => followEntries(readOwn, filter),
    subjectSearch: (search) => followSearch(post, search),
    openDisclosure: (question) => openFact(post, question, keyOf),
    reconcile: (day, own) => reconcileDay(post, day, own),
    auditSummary: (question, progress) => followSummary(readOwn, question, progress),
    auditQuestions: () => readQuestions(readOwn),
    auditQuestion: (name, query) => askQuestion(readOwn, name, query),
    exports: exportAccess(connection, reader),
    erasing: erasingAccess(connection, reader),
    keys,
    requirements,
  };
};
