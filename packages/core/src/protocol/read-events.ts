/** A server-sent event; without a name where the server gave none. */
interface ServerSentEvent {
  readonly event?: string;
  readonly id?: string;
  readonly data?: string;
}

/** The whole events of a text, and the rest of it, the beginning of another. Comments are events without anything. */
export function readEvents(text: string): { readonly events: readonly ServerSentEvent[]; readonly rest: string } {
  const blocks = text.split(/\r?\n\r?\n/);
  const rest = blocks.pop() ?? '';
  return { events: blocks.map((block) => Object.fromEntries(fieldsOf(block))), rest };
}

/** Of several lines of data the last counts: JSON in one line is what is sent. */
function fieldsOf(block: string): [string, string][] {
  return [...block.matchAll(/^(\w+): ?(.*)/gm)].map(([, name = '', value = '']) => [name, value]);
}
