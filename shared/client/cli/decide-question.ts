import * as z from 'zod';
import { roleOf } from '../../kernel/participant-id.ts';
import { Problem } from '../../kernel/problem.ts';
import { parseStrictJson } from '../../kernel/strict-json.ts';
import { ParticipantId, RequestClaims, RequestFacts } from '../../message/claims.ts';
import { openDisclosures } from '../../message/disclosure.ts';
import { parseMessage } from '../../message/framing.ts';
import { kinds } from '../../message/kind.ts';
import { Subject, subjectTypes } from '../../persian/subject.ts';
import type { Question } from '../../registry/decide.ts';
import type { AskedLeaf } from '../verify/read-asked.ts';
import { FailedInput, WrongUsage } from './failed-input.ts';
import { readInput } from './read-file.ts';

/** What the options say of an inquiry that was perhaps never made. */
export type AskedOptions = {
  readonly counter?: string;
  readonly service?: string;
  readonly purpose?: string;
  readonly basis?: string;
  readonly by?: string;
  readonly params?: string;
  readonly subjectType?: string;
};

type Facts = NonNullable<Question['facts']>;

/** Stands for a basis where none is given. */
const noBasis = 'not-named';

const maxParams = 65_536;

const checked = <Value>(schema: z.ZodType<Value>, text: unknown, says: string): Value => {
  const { data } = schema.safeParse(text);
  if (data === undefined) throw new WrongUsage(says);
  return data;
};

const Inquiry = RequestClaims.shape.inq;

const named = (text: string | undefined, option: string): string => {
  if (text === undefined) throw new WrongUsage(`--at wants ${option} as well.`);
  return text;
};

/** The claims that such an inquiry would make; what no rule looks at is filled in. */
export const claimsAsked = ({
  counter,
  service,
  purpose,
  basis = noBasis,
  by,
}: AskedOptions): Pick<RequestClaims, 'iss' | 'inq'> => {
  const { shape } = Inquiry;
  const holder = checked(
    ParticipantId.refine((id) => roleOf(id) === 'counter'),
    named(counter, '--counter'),
    '--counter must be like counter:72110345.',
  );
  const iss =
    by === undefined ? holder : checked(ParticipantId, by, '--by must be like guild:name.');
  return {
    iss,
    inq: Inquiry.parse({
      id: '00000000-0000-7000-8000-000000000000',
      seq: 1,
      station: 'none',
      presence: 'none',
      service: checked(
        shape.service,
        named(service, '--service'),
        '--service must be like agency/name@1.',
      ),
      purpose: checked(
        shape.purpose,
        named(purpose, '--purpose'),
        '--purpose must be a code in lower case.',
      ),
      basis: checked(shape.basis, basis, '--basis must be a code in lower case.'),
      ...(iss !== holder && { for: holder }),
    }),
  };
};

/** One of each type: the rule looks at the type alone. */
const standIns: Readonly<Record<Subject['type'], Subject>> = {
  'ir-national-id': Subject.parse({ type: 'ir-national-id', value: '1111111111' }),
  'ir-legal-id': Subject.parse({ type: 'ir-legal-id', value: '10100000103' }),
  'ir-postal-code': Subject.parse({ type: 'ir-postal-code', value: '1000000000' }),
  'ir-plate': Subject.parse({
    type: 'ir-plate',
    value: { two: '11', letter: 'ب', three: '111', region: '11' },
  }),
};

const jsonIn = (path: string, bytes: Uint8Array) => {
  try {
    return parseStrictJson(bytes);
  } catch (cause) {
    if (!(cause instanceof Problem)) throw cause;
    throw new FailedInput('malformed', `${path}: it is not strict JSON.`, { cause });
  }
};

/** The facts that two options give; undefined when neither is there. */
export const factsAsked = async ({
  params,
  subjectType,
}: AskedOptions): Promise<Facts | undefined> => {
  if (params === undefined && subjectType === undefined) return undefined;
  if (params === undefined || subjectType === undefined) {
    throw new WrongUsage('--params and --subject-type go together.');
  }
  const type = checked(
    z.enum(subjectTypes),
    subjectType,
    `--subject-type must be one of ${subjectTypes.join(', ')}.`,
  );
  const json = jsonIn(params, await readInput(params, maxParams));
  const given = RequestFacts.shape.params.safeParse(json).data;
  if (given === undefined) {
    throw new FailedInput('malformed', `${params}: it is not an object of params.`);
  }
  return { subject: standIns[type], params: given };
};

/** The disclosures of a request as its counter sent it: a file with its token, disclosures and all. */
export const readRequestFile = async (path: string): Promise<readonly string[]> => {
  const bytes = await readInput(path, kinds.request.maxSize + 2);
  try {
    return parseMessage(Buffer.from(bytes).toString('latin1').trim(), kinds.request).disclosures;
  } catch (cause) {
    if (!(cause instanceof Problem)) throw cause;
    throw new FailedInput('malformed', `${path}: it is not a request with its disclosures.`, {
      cause,
    });
  }
};

/** The facts of a logged inquiry, opened: every digest that was signed has its disclosure. */
export const openFacts = (
  path: string,
  { signed }: Pick<AskedLeaf, 'signed'>,
  disclosures: readonly string[],
): Facts => {
  try {
    const opened = openDisclosures(signed, disclosures, true);
    return RequestFacts.parse(Object.fromEntries(opened.map(({ name, value }) => [name, value])));
  } catch (cause) {
    if (!(cause instanceof Problem) && !(cause instanceof z.ZodError)) throw cause;
    const said = `${path}: its disclosures are not those that the logged request holds digests of.`;
    throw new FailedInput('message', said, { cause });
  }
};
