import { randomBytes } from 'node:crypto';
import { agencyKit, type OpenedForward } from '#shared/client/agency.ts';
import { signResponse } from '#shared/client/agency-response.ts';
import type { JsonObject, JsonValue } from '#shared/kernel/strict-json.ts';
import type { Signer } from '#shared/message/key.ts';
import { type ServiceTemplate, sampleServices } from '../seed/services.ts';
import { type Answer, type Asked, answerFrom } from './answer.ts';
import type { Behaviour } from './behaviour.ts';
import { isLie } from './behaviour.ts';
import { type Book, subjectKey } from './book.ts';
import { books } from './books.ts';
import { lies } from './lies.ts';

export type AnswerOptions = {
  readonly kit: ReturnType<typeof agencyKit>;
  readonly agency: string;
  readonly signer: Signer;
  /** A key that is registered nowhere. */
  readonly stranger: Signer;
};

/** A forward that was taken; `text` signs the answer, or the lie, when it is about to be sent. */
export type Taken = { readonly inqId: string; readonly text: () => Promise<string> };

const bookByService = new Map<string, Book>(Object.entries(books));

const serviceOf = (agency: string, ref: string): ServiceTemplate | undefined =>
  sampleServices.find((service) => service.ref === ref && service.agency === agency);

const askedOf = ({ facts, level, fields }: OpenedForward): Asked => ({
  subject: facts.subject,
  params: facts.params,
  level,
  fields,
});

/** An answer from the records; refused when the question is not for this agency. */
const answerTo = (
  forward: OpenedForward,
  service: ServiceTemplate | undefined,
  book: Book | undefined,
): Answer =>
  book === undefined || service?.subjectType !== forward.facts.subject.type
    ? { outcome: 'REFUSED', result: {} }
    : answerFrom(book, askedOf(forward));

/** A value for a member that was not asked for: what the record says, else what its type allows. */
const valueFrom =
  (record: JsonObject | undefined, service: ServiceTemplate | undefined) =>
  (name: string): JsonValue => {
    const held = record?.[name];
    if (held !== undefined) return held;
    const schema = service?.output.properties[name] ?? {};
    const { enum: choices } = schema;
    if (Array.isArray(choices) && typeof choices[0] === 'string') return choices[0];
    if (schema['type'] === 'boolean') return true;
    if (schema['type'] === 'integer') return 1;
    return schema['format'] === 'date' ? '2001-01-01' : 'نمونه';
  };

/** Opens a forward and answers it as the behaviour says. Throws a problem when it does not hold. */
export const answerForward =
  ({ kit, agency, signer, stranger }: AnswerOptions) =>
  async (body: string, behaviour: Behaviour): Promise<Taken> => {
    const forward = await kit.open(body);
    const service = serviceOf(agency, forward.inquiry.service);
    const book = service === undefined ? undefined : bookByService.get(service.ref);
    const answer = answerTo(forward, service, book);
    const draft = ({ outcome, result }: Answer) => forward.draft(outcome, result);
    const record = book?.records.get(subjectKey(forward.facts.subject));
    const bending = {
      answer,
      draft,
      signer,
      stranger,
      random: randomBytes,
      declared: Object.keys(service?.output.properties ?? {}),
      fields: forward.fields,
      valueOf: valueFrom(record, service),
    };
    const { name } = behaviour;
    return {
      inqId: forward.inquiry.id,
      text: async () =>
        isLie(name) ? lies[name](bending) : signResponse(await draft(answer), signer),
    };
  };
