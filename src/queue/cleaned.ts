/** Control characters, lone surrogates, line separators, and whatever is not seen: zero-width, bidirectional, tags. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** Text from a message as it may stand in a log line or a job's result: one line, no tricks, at most `limit` characters. */
export function cleaned(text: string, limit: number): string {
  // A character is at most two units; beyond that nothing of a long text is looked at twice.
  const characters = [...text.slice(0, limit * 8).replace(INVISIBLE, '')];
  const cut = characters.length > limit || text.length > limit * 8;
  return cut ? `${characters.slice(0, limit - 1).join('')}…` : characters.join('');
}
