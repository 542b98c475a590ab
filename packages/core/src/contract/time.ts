/** What a time in a query may be. */
export const TIME_RULE =
  'a time in RFC 3339 such as 2026-11-27T08:00:00Z, or a date such as 2026-11-27, which is its first moment in UTC';

const DATE = /^\d{4}-\d{2}-\d{2}$/;
const TIME = /^(\d{4}-\d{2}-\d{2})[Tt ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:[Zz]|[+-]\d{2}:\d{2})$/;

/** The time of a text in milliseconds since 1970; null if it is neither a time nor a date, or names none, such as February 30. */
export function readTime(text: string): number | null {
  const date = DATE.test(text) ? text : TIME.exec(text)?.[1];
  if (date === undefined) return null;
  // JavaScript takes February 30 for March 2.
  const day = new Date(`${date}T00:00:00.000Z`);
  if (Number.isNaN(day.getTime()) || !day.toISOString().startsWith(date)) return null;
  const time = date === text ? day.getTime() : Date.parse(text.replace(' ', 'T').toUpperCase());
  return Number.isNaN(time) || time < 0 ? null : time;
}
