import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { needsHistory } from '../errors/needs-history.ts';
import { toNodeError } from '../errors/node-error.ts';
import { Connections, type Connection } from '../host/connect.ts';
import { isToolRun } from '../host/tool-run.ts';
import { errorItem } from './run-generations.ts';

/** What an operation does with the library of a history service for one input item. */
export interface ItemWork {
  readonly item: number;
  readonly library: Connection['library'];
  /** Of each request. */
  readonly options: { readonly timeoutMs: number; readonly signal?: AbortSignal };
  readonly isTool: boolean;
}

/** For what a history service knows at once. */
const TIMEOUT_MS = 60_000;

/** The fields of the parameters that the service judges. */
const LABELS: Readonly<Record<string, string>> = {
  q: 'Search',
  order: 'Sort',
  limit: 'Limit',
  state: 'States',
  outcome: 'Outcomes',
  model: 'Models',
  size: 'Sizes',
  source: 'Sources',
  api_key: 'API Key IDs',
  tag: 'Tags',
  tags: 'Tags',
  note: 'Note',
  id: 'IDs',
  favorite: 'Favorite',
  deleted: 'Deleted',
  created_after: 'Created After',
  created_before: 'Created Before',
  has_input_image: 'Has Input Image',
  simulated: 'Simulated',
  derived_from: 'Derived From',
  image_sha256: 'Image SHA-256',
  user: 'User',
  seed: 'Seed',
  metadata: 'Metadata',
};

/** Runs `work` for each input item. What it returns are the items of the output, without their pairing. Nothing in here is billed. */
export async function runItems(
  context: IExecuteFunctions,
  work: (work: ItemWork) => Promise<readonly IDataObject[]>,
): Promise<INodeExecutionData[]> {
  const isTool = isToolRun(context);
  const signal = context.getExecutionCancelSignal();
  const options = { timeoutMs: TIMEOUT_MS, ...(signal && { signal }) };
  const connections = new Connections(context);
  const output: INodeExecutionData[] = [];
  for (const item of context.getInputData().keys()) {
    if (signal?.aborted === true) break;
    try {
      const { library, service } = await connections.of(item);
      if (!(await service()).isHistory) throw needsHistory(context);
      const found = await work({ item, library, options, isTool });
      output.push(...found.map((json) => ({ json, pairedItem: { item } })));
    } catch (cause) {
      const error = toNodeError(context.getNode(), cause, { itemIndex: item, isTool, labels: LABELS });
      if (!isTool && !context.continueOnFail()) throw error;
      output.push(errorItem(error, [item], null, isTool, {}));
    }
  }
  return output;
}
