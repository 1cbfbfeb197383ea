import { z } from 'zod';
import { unicodeText } from './fields';
import { show } from './words';

const MOST_TAGS = 30; // of the 50 that a secret may have; the worker's own need up to 20
const MEND = 'letters, digits, blanks and _ . : / = + - @';

const tagName = unicodeText(/^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u, `cannot be a tag: write 1 to 128 ${MEND}`).refine(
  (name) => !/^(rotation:|aws:)/i.test(name),
  {
    error: ({ input }) =>
      `${show(input)} begins like the worker's own tags (rotation:) or those of AWS (aws:): rename it`,
  },
);

const tagValue = unicodeText(
  /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u,
  `cannot be the value of a tag: write at most 256 ${MEND}`,
);

export const TAGS = z
  .record(tagName, tagValue)
  .refine((tags) => Object.keys(tags).length <= MOST_TAGS, {
    error: `are more than ${MOST_TAGS}; a secret may have 50, and the worker needs the rest: remove some`,
  })
  .describe('for a secret that does not exist yet: its tags');
