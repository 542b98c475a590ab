import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { encodeImage } from '@wan-image/testing/images';
import { NodeHelpers } from 'n8n-workflow';
import type {
  IBinaryData,
  IExecuteFunctions,
  IHttpRequestOptions,
  INode,
  INodeExecutionData,
  INodeParameters,
  INodeProperties,
  INodeTypeDescription,
  NodeExecutionHint,
} from 'n8n-workflow';
import { forgetServices } from '../../nodes/WanImage/host/connect.ts';
import { WanImage } from '../../nodes/WanImage/WanImage.node.ts';

/** What the node sent. */
export interface Sent {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The parsed body of a POST or a PATCH. */
  readonly body: Readonly<Record<string, unknown>> | null;
  /** How many other requests were in flight. */
  readonly besides: number;
}

export interface CannedResponse {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

export interface Setting {
  readonly parameters?: INodeParameters;
  /** Parameters of each item, which override those of all. */
  readonly ofItems?: readonly INodeParameters[];
  readonly input?: readonly INodeExecutionData[];
  readonly response?: (sent: Sent) => CannedResponse | Promise<CannedResponse>;
  readonly continueOnFail?: boolean;
  readonly isTool?: boolean;
  readonly signal?: AbortSignal;
  /** What the service says of itself. Default: it has no such route, and the request is not among those that were sent. */
  readonly service?: CannedResponse;
  /** Default: a service that is not AnyFast. */
  readonly baseUrl?: string;
  /** The credential as its expressions give it for an item. */
  readonly credential?: (item: number) => Readonly<Record<string, unknown>>;
  /** n8n's Retry On Fail. */
  readonly retryOnFail?: boolean;
  /** n8n's context data of the node in an execution. Default: that of a new execution. */
  readonly execution?: object;
  readonly executionId?: string;
  /** The execution that this one retries, which n8n's hooks know. */
  readonly retryOf?: string;
  /** The random token of an execution and of all that retry it. Default: an n8n without such tokens. */
  readonly resumeToken?: string;
  /** The run of the node in the execution, as in a loop. */
  readonly runIndex?: number;
  readonly prepareBinaryData?: (fileName: string) => Promise<void> | void;
  readonly request?: (sent: Sent) => Promise<void> | void;
}

export interface Result {
  readonly items: readonly INodeExecutionData[];
  readonly sent: readonly Sent[];
  readonly hints: readonly NodeExecutionHint[];
  readonly error: (Error & { description?: string | null; context?: Record<string, unknown> }) | null;
  readonly names: readonly string[];
  /** The custom data of the execution. */
  readonly customData: Readonly<Record<string, string>>;
}

const EMPTY: INodeExecutionData = { json: {} };

/** The files of all executions. */
const files = new Map<string, Buffer>();

export const PNG = await encodeImage({ format: 'png', width: 320, height: 240 });

export const IMAGE_URL = 'https://images.example.com/1.png?Signature=abc';

/** The response with the requested number of images in the requested form; for a GET, an image. */
export function images({ method, body }: Sent): CannedResponse {
  if (method === 'GET') return { body: PNG };
  const form = body?.['response_format'] === 'b64_json' ? { b64_json: PNG.toString('base64') } : { url: IMAGE_URL };
  const data = Array.from({ length: Number(body?.['n']) }, () => ({ ...form, revised_prompt: '一间花店，柔和的光线' }));
  return { headers: { 'x-request-id': 'req-1' }, body: JSON.stringify({ created: 1_773_803_391, data }) };
}

const NO_ROUTE: CannedResponse = { status: 404, body: '{"error":{"message":"Not Found"}}' };

function wholeOf({ status = 200, headers = {}, body }: CannedResponse): object {
  return { statusCode: status, headers, body: Readable.from([Buffer.from(body)], { objectMode: false }) };
}

/** The fields that the panel shows. */
export function shownFields(parameters: INodeParameters, isTool: boolean): INodeProperties[] {
  const description = descriptionOf(isTool);
  const node = nodeOf(parameters, isTool);
  const shown = shownParameters(parameters, isTool);
  return description.properties.filter((field) => NodeHelpers.displayParameter(shown, field, node, description));
}

/** Parameters as n8n gives them to a node: those that the panel shows, with their defaults. */
function shownParameters(parameters: INodeParameters, isTool: boolean): INodeParameters {
  const description = descriptionOf(isTool);
  const node = nodeOf(parameters, isTool);
  return NodeHelpers.getNodeParameters(description.properties, parameters, true, false, node, description) ?? {};
}

/** n8n derives a second node for agents. */
function descriptionOf(isTool: boolean): INodeTypeDescription {
  const { description } = new WanImage();
  return isTool ? { ...description, name: `${description.name}Tool` } : description;
}

/** Runs the node with n8n's own resolution of parameters, in a simulated execution context; e2e/n8n runs it in the real engine. */
export async function run(setting: Setting): Promise<Result> {
  const { parameters = {}, ofItems = [], input = [EMPTY], response = images, isTool = false } = setting;
  const sent: Sent[] = [];
  const hints: NodeExecutionHint[] = [];
  const names: string[] = [];
  const customData: Record<string, string> = {};
  const shown = input.map((_, item) => shownParameters({ ...parameters, ...ofItems[item] }, isTool));
  const { execution = {} } = setting;
  let inFlight = 0;
  forgetServices();

  const request = async (options: IHttpRequestOptions): Promise<unknown> => {
    const body = Buffer.isBuffer(options.body) ? (JSON.parse(options.body.toString()) as Sent['body']) : null;
    const headers = options.headers as Record<string, string>;
    if (options.url.endsWith('/v1/service')) return wholeOf(setting.service ?? NO_ROUTE);
    const one = { method: options.method ?? 'GET', url: options.url, headers, body, besides: inFlight++ };
    sent.push(one);
    try {
      // Lets other requests start meanwhile.
      await setImmediate();
      await setting.request?.(one);
      return wholeOf(await response(one));
    } finally {
      inFlight--;
    }
  };
  const prepareBinaryData = async (
    data: Buffer | Readable,
    fileName: string,
    mimeType: string,
  ): Promise<IBinaryData> => {
    await setting.prepareBinaryData?.(fileName);
    const bytes = Buffer.isBuffer(data) ? data : Buffer.concat(await data.toArray());
    names.push(fileName);
    const id = `filesystem-v2:${setting.executionId ?? '7'}/${names.length}`;
    files.set(id, bytes);
    return { id, data: 'filesystem-v2', mimeType, fileName, bytes: bytes.length };
  };
  const context = {
    getNodeParameter: (name: string, item: number, fallback?: unknown, options?: { extractValue?: boolean }) => {
      const value = name
        .split('.')
        .reduce<unknown>((at, key) => (at as INodeParameters | undefined)?.[key], shown[item]);
      if (value === undefined && fallback === undefined) throw new Error(`Could not get parameter ${name}`);
      return options?.extractValue ? (value as { value: unknown }).value : (value ?? fallback);
    },
    getInputData: () => input,
    getNode: () => ({ ...nodeOf(parameters, isTool), retryOnFail: setting.retryOnFail ?? false }),
    getContext: () => execution,
    getCredentials: async (_type: string, item = 0) => ({
      baseUrl: setting.baseUrl ?? 'https://api.example.com/v1/',
      apiKey: 'sk-secret-of-the-test',
      ...setting.credential?.(item),
    }),
    getExecutionCancelSignal: () => setting.signal,
    getExecutionId: () => setting.executionId ?? '7',
    runExecutionData: setting.resumeToken === undefined ? null : { resumeToken: setting.resumeToken },
    additionalData: { hooks: { retryOf: setting.retryOf } },
    getInstanceId: () => 'instance',
    getWorkflow: () => ({ id: 'workflow', active: false }),
    getWorkflowDataProxy: () => ({
      $runIndex: setting.runIndex ?? 0,
      $execution: { customData: { set: (key: string, value: string) => void (customData[key] = value) } },
    }),
    continueOnFail: () => setting.continueOnFail ?? false,
    isToolExecution: () => false,
    addExecutionHints: (...added: NodeExecutionHint[]) => void hints.push(...added),
    helpers: {
      httpRequest: request,
      // As n8n does it: with the credential that `this` gives.
      async httpRequestWithAuthentication(
        this: Pick<IExecuteFunctions, 'getCredentials'>,
        credential: string,
        options: IHttpRequestOptions,
      ) {
        const { apiKey } = await this.getCredentials<{ apiKey: string }>(credential);
        return request({ ...options, headers: { ...options.headers, authorization: `Bearer ${apiKey}` } });
      },
      prepareBinaryData,
      assertBinaryData: (item: number, name: string) => {
        const found = input[item]?.binary?.[name];
        if (found === undefined) throw new Error(`no ${name}`);
        return found;
      },
      getBinaryDataBuffer: async (_item: number, binary: IBinaryData) => Buffer.from(binary.data, 'base64'),
      getBinaryStream: async (id: string) => {
        const bytes = files.get(id);
        if (bytes === undefined) throw new Error(`no file ${id}`);
        return Readable.from([bytes], { objectMode: false });
      },
      createBinarySignedUrl: ({ id }: IBinaryData) => `https://n8n.example.com/signed?token=${id}`,
    },
  };
  const [items = [], error] = await new WanImage().execute
    .call(context as unknown as IExecuteFunctions)
    .then(([output = []]) => [output, null] as const)
    .catch((failure: Error) => [[], failure] as const);
  return { items, sent, hints, error, names, customData };
}

function nodeOf(parameters: INodeParameters, isTool: boolean): INode {
  return {
    id: 'node',
    name: 'Wan Image',
    type: `n8n-nodes-wan-image.wanImage${isTool ? 'Tool' : ''}`,
    typeVersion: 1,
    position: [0, 0],
    parameters,
  };
}
