import type { GenerationRecord } from '@wan-image/core/portable';
import type { IExecuteFunctions, ILoadOptionsFunctions, INodeListSearchResult, INodeProperties } from 'n8n-workflow';
import { fieldError } from '../errors/field-error.ts';
import { needsHistory } from '../errors/needs-history.ts';
import { toNodeError } from '../errors/node-error.ts';
import { Connections } from '../host/connect.ts';
import type { N8nHost } from '../host/n8n-transport.ts';
import { readGenerationId, type GenerationId } from './generation-id.ts';

const LIST = { timeoutMs: 20_000, retry: { maxRetries: 0 }, limit: 20 };

/** In characters, of a prompt in the list, which is about as wide. */
const LONGEST_PROMPT = 40;

const EXAMPLE = '019ab2c4-5d6e-7f80-9a1b-2c3d4e5f6071';

export const generationField: INodeProperties = {
  displayName: 'Generation',
  name: 'generation',
  type: 'resourceLocator',
  default: { mode: 'list', value: '' },
  required: true,
  description: 'A generation that the history service has recorded, newest first',
  modes: [
    {
      displayName: 'From List',
      name: 'list',
      type: 'list',
      placeholder: 'Select a generation…',
      typeOptions: { searchListMethod: 'searchGenerations', searchable: true },
    },
    { displayName: 'By ID', name: 'id', type: 'string', placeholder: `e.g. ${EXAMPLE}` },
    {
      displayName: 'By Image URL',
      name: 'url',
      type: 'string',
      placeholder: `e.g. http://history.internal:3000/images/${EXAMPLE}-0?key=…`,
    },
  ],
};

export function readGeneration(context: IExecuteFunctions, item: number): GenerationId {
  const value: unknown = context.getNodeParameter('generation', item, '', { extractValue: true });
  const found = readGenerationId(value);
  if (found !== null) return found;
  const shown = typeof value === 'string' ? JSON.stringify(value.slice(0, 60)) : String(value);
  throw fieldError(
    context,
    item,
    'Generation',
    `it must be the ID of a generation or of an image, or the URL of an image, got ${shown}.`,
    'Select one from the list, or enter an ID such as {{ $json.generation_id }}.',
  );
}

/** Generations by words of their prompts, newest first. */
export async function searchGenerations(
  host: N8nHost & Pick<ILoadOptionsFunctions, 'getTimezone'>,
  filter = '',
  cursor?: string,
): Promise<INodeListSearchResult> {
  try {
    const { library, service } = await new Connections(host).of(0);
    if (!(await service()).isHistory) throw needsHistory(host);
    const q = filter.trim() === '' ? {} : { q: filter.trim() };
    const page = await library.page({ ...LIST, ...q, ...(cursor && { cursor }) });
    const results = page.data.map((record) => ({ name: nameOf(record, host.getTimezone()), value: record.id }));
    return { results, ...(page.next_cursor !== null && { paginationToken: page.next_cursor }) };
  } catch (error) {
    throw toNodeError(host.getNode(), error, {});
  }
}

/** The time first: it tells generations with the same prompt apart, also where the field is too narrow for the prompt. */
function nameOf({ created_at, prompt }: GenerationRecord, timeZone: string): string {
  // Swedish, because it writes a time as ISO 8601 does.
  const time = new Date(created_at).toLocaleString('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' });
  const characters = Array.from(prompt.replaceAll(/\s+/g, ' '));
  const isLonger = characters.length > LONGEST_PROMPT;
  return `${time} · ${characters.slice(0, LONGEST_PROMPT).join('')}${isLonger ? '…' : ''}`;
}
