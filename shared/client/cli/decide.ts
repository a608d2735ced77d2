import { Command } from 'commander';
import * as z from 'zod';
import { InquiryId } from '../../kernel/id.ts';
import { toRfc3339 } from '../../kernel/instant-text.ts';
import { counterOf, delegateOf, type RequestClaims } from '../../message/claims.ts';
import { assess, type Question } from '../../registry/decide.ts';
import type { Point, Replay } from '../../registry/replay.ts';
import { snapshotAt } from '../../registry/replay-snapshot.ts';
import { type Asked, runReading } from './believed.ts';
import {
  type AskedOptions,
  claimsAsked,
  factsAsked,
  openFacts,
  readRequestFile,
} from './decide-question.ts';
import { sourcesOf } from './decision-sources.ts';
import { differentCode, untoldCode } from './exit-codes.ts';
import { WrongUsage } from './failed-input.ts';
import { type LogOptions, withLogOptions } from './read-whole-log.ts';
import { allText, countAgreements } from './replay-all.ts';
import { agreementOf, decideAt } from './replay-decision.ts';
import { type PastInquiry, replayLog } from './replay-log.ts';
import { decisionText, type ShownDecision, shownRules } from './show-decision.ts';
import type { Streams } from './verify.ts';

type Options = LogOptions &
  AskedOptions & {
    readonly inquiry?: string;
    readonly request?: string;
    readonly at?: string;
    readonly all?: true;
    readonly confidential?: readonly string[];
  };

const shownOf = (
  replay: Replay,
  point: Point,
  question: Question & { readonly claims: Pick<RequestClaims, 'iss' | 'inq'> },
  { confidential = [], withBasis = true }: Pick<Options, 'confidential'> & { withBasis?: boolean },
): ShownDecision => {
  const { claims, facts } = question;
  const { service, purpose, basis } = claims.inq;
  const delegate = delegateOf(claims);
  const decision = decideAt(replay, point, question, confidential);
  const { effect, rule, registry } = decision.ruling;
  return {
    counter: counterOf(claims),
    ...(delegate !== undefined && { delegate }),
    service,
    purpose,
    ...(withBasis && { basis }),
    time: toRfc3339(point.t),
    replayed: { effect, rule, registry },
    rules: shownRules(assess(decision.snapshot, question, point.t), facts, withBasis),
    sources: sourcesOf(replay, decision, claims),
  };
};

const codes = { same: 0, different: differentCode, undetermined: untoldCode } as const;

/** One inquiry of the log, decided again. */
const oneInquiry = async ({ inquiry, request, confidential = [] }: Options): Promise<Asked> => {
  const id = InquiryId.safeParse(inquiry).data;
  if (id === undefined) throw new WrongUsage('--inquiry must be the id of an inquiry, a UUIDv7.');
  const disclosures = request === undefined ? undefined : await readRequestFile(request);
  const found: PastInquiry[] = [];
  const log = replayLog(
    (one) => {
      if (one.intent.id === id) found.push(one);
    },
    (data) => Buffer.from(data.buffer, data.byteOffset, data.byteLength).includes(id),
  );
  return {
    look: log.look,
    tell: () => {
      log.finish();
      const [one] = found;
      if (one === undefined) {
        const text = 'There is no inquiry of this id in what was read.\n';
        return { code: untoldCode, text, json: { decision: null } };
      }
      const { intent, claims, index, whole } = one;
      const { dec, t } = intent;
      const facts =
        request === undefined || disclosures === undefined
          ? undefined
          : openFacts(request, one, disclosures);
      const point = { n: dec.registry, t };
      const question = { claims, facts };
      const { ruling } = decideAt(log.replay, point, question, confidential);
      const agreement = agreementOf(one, log.replay, ruling, facts);
      const shown = shownOf(log.replay, point, question, { confidential });
      const { replayed, rules, sources, ...asked } = shown;
      // Of a state that is not whole nothing is told.
      const known = whole
        ? { ...(replayed !== undefined && { replayed }), rules, sources }
        : { rules: [], sources: [] };
      const decision = { inquiry: id, index, ...asked, recorded: dec, ...known, agreement };
      return { code: codes[agreement.said], text: decisionText(decision), json: { decision } };
    },
  };
};

/** Every inquiry of the log, decided again. */
const everyInquiry = async ({ confidential }: Options): Promise<Asked> => {
  const counts = countAgreements(confidential);
  const log = replayLog(counts.take);
  return {
    look: log.look,
    tell: () => {
      log.finish();
      const result = counts.result(log.unread());
      const untold = Object.values(result.undetermined).some((count) => count > 0);
      const code = result.different > 0 ? differentCode : untold ? untoldCode : 0;
      return { code, text: allText(result), json: { decisions: result } };
    },
  };
};

const Time = z.iso.datetime({ offset: true });

/** The point that `--at` names. A change is taken at the time at which it was made. */
const pointOf = (at: string, replay: Replay): Point => {
  const span = replay.span();
  if (span === undefined) throw new WrongUsage('--at: there is no change of the registry here.');
  const { first, last } = span;
  if (/^(?:0|[1-9][0-9]{0,8})$/.test(at)) {
    const t = replay.timeOf(Number(at));
    if (t !== undefined) return { n: Number(at), t };
    throw new WrongUsage(`--at: there is no such change; those here are ${first} to ${last}.`);
  }
  if (!Time.safeParse(at).success) {
    throw new WrongUsage('--at must be a time as 2027-01-15T08:00:00Z, or the number of a change.');
  }
  const t = Date.parse(at);
  const n = replay.changeAt(t);
  if (n > 0) return { n, t };
  const begun = toRfc3339(replay.timeOf(first) ?? 0);
  throw new WrongUsage(`--at: the first change of the registry here was made at ${begun}.`);
};

/** An inquiry that was perhaps never made. */
const supposed = async (at: string, options: Options): Promise<Asked> => {
  const claims = claimsAsked(options);
  const facts = await factsAsked(options);
  const { confidential = [] } = options;
  const log = replayLog(
    () => undefined,
    () => false,
  );
  return {
    look: log.look,
    tell: () => {
      const point = pointOf(at, log.replay);
      if (!log.replay.isWhole(point.n)) {
        const text = 'It cannot be told: not all changes of the registry up to then are here.\n';
        return { code: untoldCode, text, json: { decision: null } };
      }
      const withBasis = options.basis !== undefined;
      const accepted = snapshotAt(log.replay, point, claims).service?.bases?.find(
        (one) => !confidential.includes(one),
      );
      // Where none was given it is not judged, so one is taken that the service accepts.
      const inq = withBasis ? claims.inq : { ...claims.inq, basis: accepted ?? claims.inq.basis };
      const question = { claims: { ...claims, inq }, facts };
      const decision = shownOf(log.replay, point, question, { confidential, withBasis });
      return { code: 0, text: decisionText(decision), json: { decision } };
    },
  };
};

const ask = async (options: Options): Promise<Asked> => {
  const { inquiry, at, all, request, counter, service, purpose, basis, by } = options;
  const { params, subjectType } = options;
  if ([inquiry, at, all].filter((one) => one !== undefined).length !== 1) {
    throw new WrongUsage('One of --inquiry, --at and --all is needed, and no two of them.');
  }
  if (request !== undefined && inquiry === undefined) {
    throw new WrongUsage('--request goes with --inquiry.');
  }
  const given = [counter, service, purpose, basis, by, params, subjectType];
  if (at !== undefined) return supposed(at, options);
  if (given.some((one) => one !== undefined)) {
    throw new WrongUsage('What was asked is given with --at only; an inquiry of the log says it.');
  }
  return all === true ? everyInquiry(options) : oneInquiry(options);
};

const help = `
The registry is played again from its leaves in the log, up to the change that the decision names, and
the inquiry is decided again at the time of its record. A log that does not verify is not spoken of.
The log holds no facts about persons, so the rules about them are skipped unless --request or --params
gives them. Nor does it hold which legal bases were confidential: those that the exchange has now stand
in its /.well-known/estelam.

Exit codes: those of estelam verify, and
  0   the same; or, with --at, it could be told
  11  DIFFERENT: what is on record is not what the registry leads to
  12  it cannot be told from what was read

Examples:
  estelam decide ./log --policy policy.txt --inquiry 01a9b4a5-3800-7abc-9def-0123456789ab
  estelam decide export.tar --policy policy.txt --all
  estelam decide ./log --policy policy.txt --at 2027-01-15T08:00:00Z --counter counter:72110345 \\
    --service civil-registry/identity@1 --purpose pension-enrolment`;

/** `estelam decide`. `exit` is told the exit code. */
export const decideCommand = (streams: Streams, exit: (code: number) => void): Command =>
  withLogOptions(new Command('decide'))
    .summary('decide past inquiries again, from the log alone')
    .description(
      'Decides an inquiry of a log again by the registry as it stood, or says what would have been ' +
        'decided at a time, and by what.',
    )
    .argument('<log>', 'the URL or the folder of a log, or an export of one')
    .option('--inquiry <id>', 'the inquiry to decide again')
    .option('--request <file>', 'its request as it was sent, for the rules about its facts')
    .option('--all', 'every inquiry of the log')
    .option('--at <when>', 'a time (ISO 8601) or the number of a change; with what follows')
    .option('--counter <id>', 'who asks')
    .option('--service <ref>', 'for what, such as civil-registry/identity@1')
    .option('--purpose <code>', 'what for')
    .option('--basis <code>', 'on which legal basis; not judged without')
    .option('--confidential <codes...>', 'legal bases that were confidential at the exchange')
    .option('--by <id>', 'the guild or the software house that asks for the counter')
    .option('--params <file>', 'the params as JSON, with --subject-type')
    .option('--subject-type <type>', 'the type of the subject')
    .addHelpText('after', help)
    .action(async (what: string, options: Options) =>
      exit(await runReading(what, options, streams, () => ask(options))),
    );
