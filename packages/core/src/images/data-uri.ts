/** A `data:{MIME};base64,{data}` URI taken apart; the data is not yet decoded, nor checked. */
export interface DataUri {
  /** In lower case: MIME types ignore case. */
  readonly mimeType: string;
  readonly base64: string;
}

const HEADER = /^data:([^;,\s]+);base64,/i;

/** Longest header that is looked at, so that no regular expression ever walks a 28 MB text. */
const HEADER_LENGTH = 128;

export function isDataUri(text: string): boolean {
  return text.slice(0, 5).toLowerCase() === 'data:';
}

/** The parts of a base64 data URI, or null where it has another form. */
export function readDataUri(text: string): DataUri | null {
  const header = HEADER.exec(text.slice(0, HEADER_LENGTH));
  if (!header) return null;
  return { mimeType: (header[1] ?? '').toLowerCase(), base64: text.slice(header[0].length) };
}
