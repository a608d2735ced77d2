import { type Address, addressOf } from '../audit/address.ts';
import { Problem } from '../kernel/problem.ts';
import { counterOf, delegateOf, type RequestClaims, type RequestFacts } from '../message/claims.ts';
import { diagnoseRequest, type Finding, failedFinding } from '../message/diagnose-message.ts';
import { tehranDays } from '../persian/tehran-day.ts';
import { assess, decide, type Ruling } from '../registry/decide.ts';
import type { Meter } from '../registry/meters.ts';
import { logRefusal, staleness } from './can-begin.ts';
import { type CheckCode, checks, isCheckCode, policyCheck, quotaCheck } from './checks.ts';
import { type Diagnosis, firstFailed, resultsOf } from './diagnosis.ts';
import { type Exchange, inquiriesUrl } from './exchange.ts';
import { windowAt } from './meter-window.ts';
import { type Asked, fromIntentRow } from './record.ts';
import { checkRetry, isBeingAnswered } from './settle-again.ts';

type Diagnosing = Pick<
  Exchange,
  'directory' | 'journal' | 'logStatus' | 'meters' | 'now' | 'settings'
>;

type Found = readonly (readonly [CheckCode, Finding])[];

type Request = { readonly claims: RequestClaims; readonly facts?: RequestFacts | undefined };

const passed: Finding = { result: 'passed' };

/** A refusal as the finding of its check; whatever is no refusal of a check is not caught. */
const finding = (problem: Problem): Found => {
  const { check } = problem.extras;
  if (check === undefined || !isCheckCode(check)) throw problem;
  return [[check, failedFinding(problem)]];
};

const allPassed = (...codes: readonly CheckCode[]): Found => codes.map((code) => [code, passed]);

/** The checks of an id that nobody used. */
const diagnoseNew = async (exchange: Diagnosing, { id, shard }: Address): Promise<Found> => {
  const stale = staleness(id, exchange.now());
  const log = await logRefusal(exchange, shard);
  const logFound =
    log === undefined
      ? allPassed('log-sequenced', 'log-witnessed')
      : [
          ...(log.extras.check === 'log-witnessed' ? allPassed('log-sequenced') : []),
          ...finding(log),
        ];
  return [
    ...(stale === undefined ? allPassed('inquiry-fresh') : finding(stale)),
    ...logFound,
    ...allPassed('token-unused', 'id-unused', 'first-answered'),
  ];
};

/**
 * The checks of an id that stands in the journal: it need not be fresh. Whether a retry's token was used
 * cannot be looked at.
 */
const diagnoseStanding = (intent: Asked, request: Request, busy: boolean): Found => {
  try {
    checkRetry(intent, request);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const before = error.extras.check === 'id-unused' ? allPassed('token-unused') : [];
    return [...before, ...finding(error)];
  }
  const detail = checks.get('first-answered')?.en ?? '';
  return [
    ...allPassed('id-unused'),
    ['first-answered', busy ? { result: 'failed', detail } : passed],
  ];
};

const diagnosePolicy = async (
  { directory, now }: Diagnosing,
  { claims, facts }: Request,
): Promise<{ readonly found: Found; readonly ruling: Ruling | undefined; readonly t: number }> => {
  const asked = [counterOf(claims), claims.inq.service, delegateOf(claims)] as const;
  const snapshot = await directory.snapshot(...asked);
  const t = now();
  const found = assess(snapshot, { claims, facts }, t).flatMap(
    ({ rule, result, errors }): Found => {
      const code = policyCheck(rule);
      if (result === 'skipped') return [];
      if (result === 'passed') return allPassed(code);
      const detail = checks.get(code)?.en ?? '';
      return [[code, { result, detail, ...(errors !== undefined && { errors }) }]];
    },
  );
  const ruling = facts === undefined ? undefined : decide(snapshot, { claims, facts }, t);
  return { found, ruling, t };
};

const dayOf = tehranDays();

/** Whether something is left of each quota that the inquiry would be counted on; nothing is spent. */
const diagnoseQuotas = async (
  { meters }: Diagnosing,
  quotas: readonly Meter[],
  t: number,
): Promise<Found> => {
  const windows = quotas.map((meter) => windowAt(meter, t, dayOf));
  const used = windows.length === 0 ? [] : await meters.read(windows);
  const spent = quotas.filter(({ most }, n) => (used[n] ?? 0) >= most);
  const names = new Set(spent.map(({ name }) => quotaCheck(name)));
  return [...checks].flatMap(([code, { en }]): Found => {
    if (!code.startsWith('quota-')) return [];
    const none = [...names].some((name) => name === code);
    return [[code, none ? { result: 'failed', detail: en } : passed]];
  });
};

const diagnoseInquiry = async (
  exchange: Diagnosing,
  request: Request,
): Promise<Pick<Diagnosis, 'decision'> & { readonly found: Found; readonly stands: boolean }> => {
  const address = addressOf(request.claims.inq.id, exchange.settings.layout);
  const rows = await exchange.journal.read(address);
  const intent = rows.intent === undefined ? undefined : fromIntentRow(rows.intent);
  const standing =
    intent === undefined
      ? await diagnoseNew(exchange, address)
      : diagnoseStanding(intent, request, isBeingAnswered(intent, rows, exchange.now()));
  const { found: policy, ruling, t } = await diagnosePolicy(exchange, request);
  // A retry costs nothing.
  const counted = intent === undefined && ruling?.effect === 'allow';
  const quotas = counted ? await diagnoseQuotas(exchange, ruling.terms.quotas, t) : [];
  const { effect, rule, registry } = ruling ?? {};
  return {
    found: [...standing, ...policy, ...quotas],
    stands: intent !== undefined,
    ...(effect !== undefined &&
      rule !== undefined &&
      registry !== undefined && { decision: { effect, rule, registry } }),
  };
};

/**
 * Makes every check on a message and tells how each came out. Asks no agency, writes nothing, spends
 * nothing: the very message can be sent in earnest afterwards.
 *
 * What the registry, the journal and the quotas say is told only for a message that its sender could
 * send now, for it is told to whoever holds the message.
 */
export const diagnose =
  (exchange: Diagnosing) =>
  async (text: string): Promise<Diagnosis> => {
    const { directory, now, settings } = exchange;
    const receiver = { audience: inquiriesUrl(settings.origin), keyOf: directory.keyOf, now };
    const { findings, claims, facts, authentic } = await diagnoseRequest(text, receiver);
    const inquiry =
      claims !== undefined && authentic
        ? await diagnoseInquiry(exchange, { claims, facts })
        : undefined;
    const all = new Map<CheckCode, Finding>([...findings, ...(inquiry?.found ?? [])]);
    const results = resultsOf(all);
    const failed = firstFailed(results);
    return {
      outcome: outcomeOf(failed, inquiry?.stands === true),
      ...failed,
      ...(inquiry?.decision !== undefined && { decision: inquiry.decision }),
      checks: results,
    };
  };

const outcomeOf = ({ check }: Pick<Diagnosis, 'check'>, stands: boolean): Diagnosis['outcome'] => {
  if (check !== undefined) return 'refused';
  return stands ? 'stands' : 'sent-on';
};
