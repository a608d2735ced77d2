/** How far a time that something begins at may lie behind, in milliseconds: what a message takes. */
export const minute = 60_000;

/** Ten years with all their leap days, in milliseconds: the furthest that anything is fixed ahead. */
export const tenYears = 3653 * 86_400_000;
