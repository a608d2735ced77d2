import { Problem } from '../../kernel/problem.ts';

/** What stands does not allow the change. */
export const refused = (detail: string): Problem => new Problem('command-refused', detail);

/** This sender may not do this. */
export const notForSender = (detail: string): Problem => new Problem('wrong-role', detail);

/** The content is wrong in one place, by its JSON Pointer below `/cmd/with`. */
export const invalid = (place: string, detail: string): Problem =>
  new Problem('invalid-claims', 'The content of the command is not right.', {
    errors: [{ pointer: `/cmd/with${place}`, detail }],
  });
