/** Something that must hold no secret, and where it stands. */
export interface Place {
  readonly where: string;
  readonly text: string | Uint8Array;
}

export const bytesOf = ({ text }: Place): Uint8Array => (typeof text === 'string' ? Buffer.from(text) : text);
