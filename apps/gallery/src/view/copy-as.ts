import { PARAMETERS, type GenerationRecord } from '@wan-image/core';

/** Where a copied request is sent. */
export interface Target {
  /** Of the history service, without a path. */
  readonly baseUrl: string;
  /** Whether it wants an API key. The copy has the name of a variable in its place, never a key. */
  readonly isKeyRequired: boolean;
}

/** The variable that holds the API key of whoever runs what was copied. */
const KEY_VARIABLE = 'WAN_IMAGE_API_KEY';

interface RepeatedRequest {
  /** Parameters of the contract, in its order. */
  readonly parameters: readonly (readonly [name: string, value: unknown])[];
  /** Parameters of the vendor beyond the contract. */
  readonly extra: Readonly<Record<string, unknown>>;
  readonly images: readonly string[];
}

/** Whether the record has all of the request. Of very long parameters beyond the contract it keeps the names alone. */
export function canRepeat({ cut }: GenerationRecord): boolean {
  return cut.length === 0;
}

/** The request of a generation as a command for a POSIX shell. */
export function asCurl(record: GenerationRecord, { baseUrl, isKeyRequired }: Target): string {
  const { parameters, extra, images } = repeatedRequest(record);
  const body = { ...Object.fromEntries(parameters), ...imageField(images), ...extra };
  return [
    `curl --fail-with-body ${quoted(`${baseUrl}/v1/images/generations`)}`,
    ...(isKeyRequired ? [`  --header "Authorization: Bearer $${KEY_VARIABLE}"`] : []),
    `  --header 'Content-Type: application/json'`,
    `  --data ${quoted(JSON.stringify(body))}`,
  ].join(' \\\n');
}

/** The request of a generation as a program that uses `@wan-image/core`. */
export function asTypeScript(record: GenerationRecord, { baseUrl, isKeyRequired }: Target): string {
  const { parameters, extra, images } = repeatedRequest(record);
  const fields = [
    ...parameters,
    ...Object.entries(imageField(images)),
    ...(Object.keys(extra).length > 0 ? [['extra', extra] as const] : []),
  ];
  const key = isKeyRequired ? `process.env.${KEY_VARIABLE} ?? ''` : `'any'`;
  return [
    `import { createClient } from '@wan-image/core';`,
    ``,
    `const client = createClient({ baseUrl: ${JSON.stringify(baseUrl)}, apiKey: ${key} });`,
    `const { images } = await client.generate({`,
    ...fields.map(([name, value]) => `  ${name}: ${JSON.stringify(value)},`),
    `});`,
    `for (const image of images) console.log(image.url);`,
    ``,
  ].join('\n');
}

/** The request of a generation as a node that can be pasted into a workflow of n8n. Its credential is chosen there. */
export function asN8n(record: GenerationRecord): string {
  const { parameters, extra, images } = repeatedRequest(record);
  const request = new Map(parameters);
  const isSet = request.get('enable_sequential') === true;
  const options = {
    ...(request.has('seed') && { seed: request.get('seed') }),
    ...(request.has('watermark') && { watermark: request.get('watermark') }),
    ...(Object.keys(extra).length > 0 && { additionalParameters: literal(JSON.stringify(extra)) }),
  };
  const node = {
    parameters: {
      resource: 'image',
      operation: images.length > 0 ? 'edit' : 'generate',
      model: { __rl: true, mode: 'list', value: record.model, cachedResultName: record.model },
      prompt: literal(record.prompt),
      ...(images.length > 0 && { images: { image: rowsOf(record, images) } }),
      imageSet: isSet,
      ...(request.has('n') && { [isSet ? 'maximumImages' : 'numberOfImages']: request.get('n') }),
      ...sizeFields(request.get('size')),
      ...(images.length === 0 && request.has('thinking_mode') && { thinkingMode: request.get('thinking_mode') }),
      options,
    },
    type: 'n8n-nodes-wan-image.wanImage',
    typeVersion: 1,
    position: [0, 0],
    id: record.id,
    name: 'Wan Image',
  };
  return JSON.stringify({ nodes: [node], connections: {} }, null, 2);
}

function repeatedRequest({ request, input_images }: GenerationRecord): RepeatedRequest {
  const known = new Set(PARAMETERS);
  return {
    parameters: PARAMETERS.filter((name) => name !== 'image' && request[name] !== undefined).map((name) => [
      name,
      request[name],
    ]),
    extra: Object.fromEntries(Object.entries(request).filter(([name]) => !known.has(name))),
    // The copy of the service lives longer than what somebody else serves.
    images: input_images.map(({ archived_url, url }) => archived_url ?? url),
  };
}

function imageField(images: readonly string[]): { readonly image?: string | readonly string[] } {
  const [first] = images;
  if (first === undefined) return {};
  return { image: images.length === 1 ? first : images };
}

/** In single quotes, a shell changes nothing. */
function quoted(text: string): string {
  return `'${text.replaceAll(`'`, `'\\''`)}'`;
}

/** n8n takes a value that begins with `=` for an expression. As an expression of a text, it is that text. */
function literal(text: string): string {
  if (!text.startsWith('=')) return text;
  // Braces would end the expression.
  return `={{ ${JSON.stringify(text).replace(/[{}]/g, (brace) => (brace === '{' ? '\\u007b' : '\\u007d'))} }}`;
}

function rowsOf({ input_images }: GenerationRecord, urls: readonly string[]): readonly object[] {
  return input_images.map(({ from_image }, index) =>
    from_image === null
      ? { source: 'url', url: literal(urls[index] ?? '') }
      : { source: 'history', imageId: from_image },
  );
}

function sizeFields(size: unknown): object {
  if (typeof size !== 'string') return {};
  const [, width, height] = /^(\d+)x(\d+)$/.exec(size) ?? [];
  return width === undefined ? { size } : { size: 'custom', width: Number(width), height: Number(height) };
}
