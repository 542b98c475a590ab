/** The parts of a `data:{MIME};base64,{data}` URI, without parameters. The data is neither decoded nor checked. */
export interface DataUri {
  /** In lower case, because MIME types are case-insensitive. */
  readonly mimeType: string;
  /** Neither decoded nor checked. */
  readonly base64: string;
}

/** Parameters such as `charset=utf-8` or `name=fox.png` say nothing about the bytes of an image. */
const HEADER = /^data:([^;,\s]+)(?:\s*;\s*[\w.+-]+=[^;,]*)*\s*;\s*base64\s*,/i;

/** Number of characters that are searched for the header, so that no regular expression scans a text of 28 MB. */
const HEADER_LENGTH = 512;

/** Whether a text begins like a data URI, in any case. */
export function isDataUri(text: string): boolean {
  return text.slice(0, 5).toLowerCase() === 'data:';
}

/** The parts of a base64 data URI; null for any other text. */
export function readDataUri(text: string): DataUri | null {
  const header = HEADER.exec(text.slice(0, HEADER_LENGTH));
  if (!header) return null;
  return { mimeType: (header[1] ?? '').toLowerCase(), base64: text.slice(header[0].length) };
}
