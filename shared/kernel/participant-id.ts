/** Those who take part in an exchange; the exchange itself is none of them. */
export const memberRoles = [
  'counter',
  'agency',
  'auditor',
  'registrar',
  'guild',
  'vendor',
  'operator',
] as const;

/** What a participant is, and so which messages it may send and which routes it may call. */
export const roles = [...memberRoles, 'exchange'] as const;
export type Role = (typeof roles)[number];

/** `<role>:<name>`, for example `counter:72110345`; 62 characters at most. */
export const participantIdPattern =
  /^(counter|agency|auditor|registrar|guild|vendor|operator|exchange):[a-z0-9][a-z0-9-]{0,51}$/;

/** The role that a participant's id names; undefined when it is no participant id. */
export const roleOf = (id: string): Role | undefined => {
  const name = participantIdPattern.exec(id)?.[1];
  return roles.find((role) => role === name);
};
