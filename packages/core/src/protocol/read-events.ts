/** A server-sent event. Fields that the server did not send are absent. */
interface ServerSentEvent {
  readonly event?: string;
  readonly id?: string;
  readonly data?: string;
}

/** Splits a text into complete events and the beginning of the next one. A comment is an event without fields. */
export function readEvents(text: string): { readonly events: readonly ServerSentEvent[]; readonly rest: string } {
  const blocks = text.split(/\r?\n\r?\n/);
  const rest = blocks.pop() ?? '';
  return { events: blocks.map((block) => Object.fromEntries(fieldsOf(block))), rest };
}

/** The last of several data lines wins: history services send JSON in one line. */
function fieldsOf(block: string): [string, string][] {
  return [...block.matchAll(/^(\w+): ?(.*)/gm)].map(([, name = '', value = '']) => [name, value]);
}
