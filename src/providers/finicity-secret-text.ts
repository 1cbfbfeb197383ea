import { randomInt } from 'node:crypto';

/** What a partner secret may be made of: letters, digits and these (ModifyPartnerSecret; providers.md 3.2). */
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const DIGITS = '0123456789';
const ALPHABET = `${LETTERS}${DIGITS}!@#$%&*_-+`;

export const SHORTEST_PARTNER_SECRET = 12;
export const LONGEST_PARTNER_SECRET = 255;

/** At random, every permitted text of that length as likely as any other: one without a letter or a digit is thrown away whole. */
export function randomPartnerSecret(length: number): string {
  for (;;) {
    const text = Array.from({ length }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
    if (/[A-Za-z]/.test(text) && /\d/.test(text)) return text;
  }
}
