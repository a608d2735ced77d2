import * as z from 'zod';
import { Access } from './access.ts';
import { Delegation } from './delegation.ts';
import { Participant } from './participant.ts';
import { RegisteredKey } from './registered-key.ts';
import { Service } from './service.ts';

/** One thing that the registry holds. */
export const RegistryEntry = z.discriminatedUnion('kind', [
  Participant,
  RegisteredKey,
  Service,
  Access,
  Delegation,
]);
export type RegistryEntry = z.infer<typeof RegistryEntry>;

export type EntryKind = RegistryEntry['kind'];

/** What an entry is found by. */
export type EntryName = { readonly kind: EntryKind; readonly key: string };

export const participantName = (id: string): EntryName => ({ kind: 'participant', key: id });
export const keyName = (kid: string): EntryName => ({ kind: 'key', key: kid });
export const serviceName = (ref: string): EntryName => ({ kind: 'service', key: ref });
export const accessName = (agency: string, holder: string): EntryName => ({
  kind: 'access',
  key: `${agency} ${holder}`,
});
export const delegationName = (counter: string, delegate: string): EntryName => ({
  kind: 'delegation',
  key: `${counter} ${delegate}`,
});

export const nameOf = (entry: RegistryEntry): EntryName => {
  switch (entry.kind) {
    case 'participant':
      return participantName(entry.id);
    case 'key':
      return keyName(entry.kid);
    case 'service':
      return serviceName(entry.ref);
    case 'access':
      return accessName(entry.agency, entry.holder);
    case 'delegation':
      return delegationName(entry.counter, entry.delegate);
  }
};

/** One text for each name, to look things up by. */
export const nameText = ({ kind, key }: EntryName): string => `${kind} ${key}`;
