import { MODELS } from '@wan-image/core/portable';
import type { IExecuteFunctions, INodeListSearchResult, INodeProperties } from 'n8n-workflow';
import { toNodeError } from '../errors/node-error.ts';
import { Connections } from '../host/connect.ts';
import type { N8nHost } from '../host/n8n-transport.ts';

/** A person waits for the list, so it must not take as long as a generation. */
const LIST_TIMEOUT_MS = 20_000;

export const modelField: INodeProperties = {
  displayName: 'Model',
  name: 'model',
  type: 'resourceLocator',
  default: { mode: 'list', value: 'wan2.7-image-pro', cachedResultName: 'wan2.7-image-pro' },
  required: true,
  description: 'The pro model generates images of up to 4K; the other one is faster and cheaper',
  modes: [
    {
      displayName: 'From List',
      name: 'list',
      type: 'list',
      placeholder: 'Select a model…',
      typeOptions: { searchListMethod: 'searchModels', searchable: true },
    },
    {
      displayName: 'By ID',
      name: 'id',
      type: 'string',
      placeholder: 'e.g. wan2.7-image',
    },
  ],
};

export function readModel(context: IExecuteFunctions, item: number): unknown {
  const model: unknown = context.getNodeParameter('model', item, '', { extractValue: true });
  // Pasted ids often have a blank around them.
  return typeof model === 'string' ? model.trim() : model;
}

/** The models of the contract that the API key may use, of all that the service offers. */
export async function searchModels(host: N8nHost, filter = ''): Promise<INodeListSearchResult> {
  const options = { timeoutMs: LIST_TIMEOUT_MS, retry: { maxRetries: 0 } };
  const { data } = await new Connections(host)
    .of(0)
    .then(({ client }) => client.models(options))
    .catch((error: unknown) => {
      throw toNodeError(host.getNode(), error, {});
    });
  const wanted = filter.trim().toLowerCase();
  const results = data
    .map(({ id }) => id)
    .filter((id) => isKnown(id) && id.toLowerCase().includes(wanted))
    .map((id) => ({ name: id, value: id }));
  return { results };
}

function isKnown(id: string): boolean {
  return MODELS.some((model) => model === id);
}
