const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** An id from a path as the database has it; null where it can be none. */
export function uuidOf(text: string): string | null {
  const id = text.toLowerCase();
  return UUID.test(id) ? id : null;
}
