import { notFound } from '../http/api-error.ts';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The id of a generation as a path gives it; what is none does not exist. */
export function generationId(text: string): string {
  if (!UUID.test(text)) throw notFound('This generation');
  return text.toLowerCase();
}
