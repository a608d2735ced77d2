import { type InquiryId, timeOf } from '../../kernel/id.ts';
import { toRfc3339 } from '../../kernel/instant-text.ts';
import type { Names } from '../../registry/cached-names.ts';
import type { Participant, Title } from '../../registry/participant.ts';
import { purposeTitle } from '../../registry/purpose-titles.ts';
import type { DisputeMark, Ground } from './dispute-store.ts';
import { outcomeWords, presenceWords, roleWords } from './plain-words.ts';
import type { InquiryAbout } from './said-in-leaf.ts';

/** The language that titles and words are told in. */
export type Tongue = keyof Title;

/** A code, and what it means where that is known. */
type Named = { readonly code: string; readonly title?: string };

type Party = { readonly id: string; readonly title: string };

/** An inquiry as a person sees it whom it was about, or whom it named; times in ISO 8601, UTC. */
export type ShownAccess = {
  readonly inquiry: InquiryId;
  readonly at: string;
  /** `subject`, or `named`: it was about another, and this person is named in what was asked. */
  readonly role: Named;
  /** The office that was asked for, and where it is by its licence now. */
  readonly office: Party & { readonly province?: string; readonly city?: string };
  /** Whoever signed in the office's place. */
  readonly by?: Party;
  readonly agency: Party;
  readonly service: Party;
  readonly purpose: Named;
  readonly basis: Named;
  readonly presence: Named;
  readonly outcome: Named;
  /**
   * `count` fields were passed on to the office, which is certain; `among` are the names that the
   * service has for them and that were not held back: exactly these where they are as many.
   */
  readonly disclosed: {
    readonly count: number;
    readonly among: readonly string[];
    readonly withheld: readonly string[];
  };
  readonly dispute?: { readonly ground: Ground; readonly at: string };
  /** It was not shown for some days, for this kind of matter. */
  readonly delayed?: { readonly class: string };
};

const partyOf = (
  id: string,
  found: { readonly title: Title } | undefined,
  tongue: Tongue,
): Party => ({
  id,
  title: found?.title[tongue] ?? id,
});

const officeOf = (
  id: string,
  found: Participant | undefined,
  tongue: Tongue,
): ShownAccess['office'] => ({
  ...partyOf(id, found, tongue),
  ...(found?.licence !== undefined && {
    province: found.licence.province,
    city: found.licence.city,
  }),
});

/** How an inquiry is shown to a person whom it was about, or whom it named, with what the registry calls who took part. */
export const showAccess =
  ({ participant, service: serviceOf }: Names, tongue: Tongue) =>
  async (
    said: InquiryAbout,
    more: {
      readonly dispute: DisputeMark | undefined;
      readonly delayed: string | undefined;
      readonly role: keyof typeof roleWords;
    },
  ): Promise<ShownAccess> => {
    const [office, agency, by, service] = await Promise.all([
      participant(said.counter),
      participant(said.agency),
      said.by === undefined ? undefined : participant(said.by),
      serviceOf(said.service),
    ]);
    const purpose = purposeTitle(said.purpose)?.[tongue];
    const among = said.disclosed === 0 ? [] : (service?.fields ?? []);
    const { dispute, delayed, role } = more;
    return {
      inquiry: said.id,
      at: toRfc3339(said.t),
      role: { code: role, title: roleWords[role][tongue] },
      office: officeOf(said.counter, office, tongue),
      ...(said.by !== undefined && { by: partyOf(said.by, by, tongue) }),
      agency: partyOf(said.agency, agency, tongue),
      service: partyOf(said.service, service, tongue),
      purpose: { code: said.purpose, ...(purpose !== undefined && { title: purpose }) },
      basis: { code: said.basis },
      presence: { code: said.presence, title: presenceWords[said.presence][tongue] },
      outcome: { code: said.outcome, title: outcomeWords[said.outcome][tongue] },
      disclosed: {
        count: said.disclosed,
        among: among.filter((field) => !said.withheld.includes(field)),
        withheld: said.withheld,
      },
      ...(dispute?.recorded === true && {
        dispute: { ground: dispute.ground, at: toRfc3339(timeOf(dispute.leaf)) },
      }),
      ...(delayed !== undefined && { delayed: { class: delayed } }),
    };
  };
