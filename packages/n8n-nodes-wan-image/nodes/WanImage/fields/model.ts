import { MODELS } from '@wan-image/core/portable';
import type { IExecuteFunctions, INodeListSearchResult, INodeProperties } from 'n8n-workflow';
import { connect } from '../host/connect.ts';
import type { N8nHost } from '../host/n8n-transport.ts';
import { toNodeError } from '../errors/node-error.ts';

export const modelField: INodeProperties = {
  displayName: 'Model',
  name: 'model',
  type: 'resourceLocator',
  default: { mode: 'list', value: 'wan2.7-image-pro', cachedResultName: 'wan2.7-image-pro' },
  required: true,
  description: 'The pro model makes images of up to 4K; the other one is faster and cheaper',
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
  return context.getNodeParameter('model', item, '', { extractValue: true });
}

/** The models of the contract that this key may use, of the many that a server sells. */
export async function searchModels(host: N8nHost, filter = ''): Promise<INodeListSearchResult> {
  const listed = connect(host).then(({ client }) => client.models({ timeoutMs: 20_000, retry: { maxRetries: 0 } }));
  const { data } = await listed.catch((error: unknown) => {
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
