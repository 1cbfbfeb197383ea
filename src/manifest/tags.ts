import { z } from 'zod';
import { show } from './words';

const TAG_TEXT = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;
const MOST_TAGS = 30; // of the 50 that a secret may have; the worker's own need up to 20

const tagName = z
  .string()
  .min(1)
  .max(128)
  .regex(TAG_TEXT, {
    error: ({ input }) => `${show(input)} cannot be a tag: write letters, digits, blanks and _ . : / = + - @`,
  })
  .refine((name) => !/^(rotation:|aws:)/i.test(name), {
    error: ({ input }) =>
      `${show(input)} begins like the worker's own tags (rotation:) or those of AWS (aws:): rename it`,
  });

const tagValue = z
  .string()
  .max(256)
  .regex(TAG_TEXT, {
    error: ({ input }) =>
      `${show(input)} cannot be the value of a tag: write letters, digits, blanks and _ . : / = + - @`,
  });

export const TAGS = z
  .record(tagName, tagValue)
  .refine((tags) => Object.keys(tags).length <= MOST_TAGS, {
    error: `are more than ${MOST_TAGS}; a secret may have 50, and the worker needs the rest: remove some`,
  })
  .describe('for a secret that does not exist yet: its tags');
