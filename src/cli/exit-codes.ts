/** What was asked for has been done. */
export const OK = 0;
/** It was refused, failed, or did not happen in time; `status --problems` found some. */
export const FAILED = 1;
/** The command cannot be understood, or the environment or the manifest is wrong: nothing was begun. */
export const USAGE = 2;
