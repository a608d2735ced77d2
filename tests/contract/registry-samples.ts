/** Entries under names that no other test of a run uses: tests may share one table. */
import { InquiryId } from '#shared/kernel/id.ts';
import { Access } from '#shared/registry/access.ts';
import { Delegation } from '#shared/registry/delegation.ts';
import type { RegistryEntry } from '#shared/registry/entry.ts';
import type { Participant } from '#shared/registry/participant.ts';
import type { Service } from '#shared/registry/service.ts';
import { inquiryIdAt, testNow } from '#tests/support/messages.ts';
import { counterOf, serviceWith } from '#tests/support/registry.ts';

export const newName = (): string =>
  `t${Buffer.from(crypto.getRandomValues(new Uint8Array(8))).toString('hex')}`;

export const newInquiryId = (): InquiryId => InquiryId.parse(inquiryIdAt(testNow));

export const newCounter = (): Participant => counterOf(`counter:${newName()}`);

export const serviceNamed = (ref: string): Service => serviceWith({ ref });

export const newService = (): Service => serviceNamed(`${newName()}/thing@1`);

/** What an agency decided about a holder: that its services are stopped for it. */
export const newAccess = (holder = `counter:${newName()}`): Access =>
  Access.parse({
    kind: 'access',
    agency: `agency:${newName()}`,
    holder,
    grants: [],
    limits: [{ target: 'identity', stopped: true, reason: 'under review' }],
    narrowed: [],
    version: 1,
  });

export const newDelegation = (): Delegation =>
  Delegation.parse({
    kind: 'delegation',
    counter: `counter:${newName()}`,
    delegate: `guild:${newName()}`,
    status: 'active',
    services: [],
    from: testNow,
    until: testNow + 1,
    version: 1,
  });

/** An entry in its next version, marked as never before. */
export const nextVersion = (entry: RegistryEntry): RegistryEntry => {
  const version = entry.version + 1;
  switch (entry.kind) {
    case 'participant':
      return { ...entry, version, reason: `again ${version}` };
    case 'key':
      return { ...entry, version, label: `till ${version}` };
    case 'service':
      return { ...entry, version, timeout: 1000 + version };
    case 'access':
      return { ...entry, version, limits: [] };
    case 'delegation':
      return { ...entry, version, status: 'revoked' };
  }
};
