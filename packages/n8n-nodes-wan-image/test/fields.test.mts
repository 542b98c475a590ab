import { NodeHelpers } from 'n8n-workflow';
import type { INodeParameters, INodeProperties, INodePropertyOptions } from 'n8n-workflow';
import { describe, expect, test } from 'vitest';
import { testCredential } from '../nodes/WanImage/credential-test.ts';
import { sizeOfRatio } from '../nodes/WanImage/fields/ratio.ts';
import { WanImage } from '../nodes/WanImage/WanImage.node.ts';
import { shownFields } from './support/run.mts';

describe('a size', () => {
  test('of any ratio from 1:8 to 8:1 is within the limits of every mode', () => {
    for (let width = 1; width <= 64; width++) {
      for (let height = 1; height <= 64; height++) {
        const size = sizeOfRatio(`${width}:${height}`) ?? '';
        const [one = 0, other = 0] = size === '2K' ? [2048, 2048] : size.split('x').map(Number);
        if (width > 8 * height || height > 8 * width) expect(size).toBe(`${width}:${height}`);
        else expect([one * other <= 2048 * 2048, one <= 8 * other, other <= 8 * one]).toEqual([true, true, true]);
      }
    }
  });

  test('of 4K is offered for the pro model alone, and not in sets', () => {
    const { description } = new WanImage();
    const sizes = description.properties.find(
      ({ name, type, displayOptions }) =>
        name === 'size' && type === 'options' && displayOptions?.show?.['operation']?.includes('generate'),
    ) as INodeProperties;
    const offered = (parameters: INodeParameters): boolean =>
      (sizes.options as INodePropertyOptions[])
        .filter(({ name }) => name.startsWith('4K'))
        .some((option) => NodeHelpers.displayParameter(parameters, option, null, description));
    const model = (value: string): INodeParameters => ({ model: { __rl: true, mode: 'list', value } });
    expect(offered({ ...model('wan2.7-image-pro'), imageSet: false })).toBe(true);
    expect(offered({ ...model('wan2.7-image'), imageSet: false })).toBe(false);
    expect(offered({ ...model('wan2.7-image-pro'), imageSet: true })).toBe(false);
  });
});

test('a set of images shows how many it may bill', () => {
  const notices = (imageSet: boolean): string[] =>
    shownFields({ resource: 'image', operation: 'generate', imageSet }, false)
      .filter(({ type }) => type === 'notice')
      .map(({ displayName }) => displayName);
  expect(notices(true)).toEqual([expect.stringContaining('up to 12 images')]);
  expect(notices(false)).toEqual([]);
});

describe('the test of a credential', () => {
  interface Canned {
    readonly status?: number;
    readonly headers?: Record<string, string>;
    readonly body?: string | Buffer;
  }
  const MODELS: Canned = { body: '{"object":"list","data":[]}' };
  const tested = async (
    data: Record<string, unknown>,
    respond: (url: string) => Canned,
  ): Promise<{ readonly status: string; readonly message: string; readonly urls: readonly string[] }> => {
    const urls: string[] = [];
    const request = async (options: object): Promise<unknown> => {
      const { uri } = options as { uri: string };
      urls.push(uri);
      const { status = 200, headers = {}, body = '' } = respond(uri);
      return { statusCode: status, headers, body: Buffer.from(body) };
    };
    const credential = {
      id: '1',
      name: 'Wan',
      type: 'wanImageApi',
      data: { baseUrl: 'https://api.example.com', apiKey: 'k', ...data },
    };
    return { ...(await testCredential(request, credential)), urls };
  };
  const failing = (message: string, code: string) => (): never => {
    throw Object.assign(new Error(message), { code, request: { reusedSocket: false } });
  };

  test.each<[string, Record<string, unknown>, (url: string) => Canned, RegExp]>([
    ['no URL', { baseUrl: 'nowhere' }, () => MODELS, /^Base URL must be a URL/],
    ['a host list that is none', { imageHosts: 'a/b' }, () => MODELS, /^Image Hosts must be hosts/],
    ['an empty key', { apiKey: ' ' }, () => MODELS, /^API Key/],
    [
      'HTTPS to a port without',
      {},
      failing('write EPROTO 4:error:0A:SSL routines:x:wrong version number:y', 'EPROTO'),
      /with http:\/\//,
    ],
    [
      'a certificate that is not trusted',
      {},
      failing('self-signed certificate', 'DEPTH_ZERO_SELF_SIGNED_CERT'),
      /NODE_EXTRA_CA_CERTS/,
    ],
    ['a closed port', {}, failing('connect', 'ECONNREFUSED'), /Nothing listens there/],
    [
      'a wrong key',
      {},
      () => ({ status: 401, body: '{"error":{"message":"Invalid token"}}' }),
      /\(401\).*Invalid token/,
    ],
    [
      'a hint of the service',
      {},
      () => ({ status: 403, body: '{"error":{"message":"Set PUBLIC_URL to http://h:3000"}}' }),
      /\(403\).*PUBLIC_URL/,
    ],
    ['a web page', {}, () => ({ body: '<html></html>' }), /is no Wan image API/],
    ['a path too long', {}, () => ({ status: 404, body: 'nothing' }), /\(404\).*before \/v1/],
  ])('fails for %s with the remedy', async (_what, data, respond, words) => {
    const { status, message } = await tested(data, respond);
    expect([status, message]).toEqual(['Error', expect.stringMatching(words)]);
  });

  const page = (url: string): string =>
    JSON.stringify({ object: 'list', data: [{ images: [{ url }] }], has_more: false, next_cursor: null });

  test('passes for a service, without any request that is billed', async () => {
    expect(await tested({}, () => MODELS)).toEqual({
      status: 'OK',
      message: 'Connection successful',
      urls: ['https://api.example.com/v1/models'],
    });
  });

  test('of a history service without images, or without the right to list them, passes', async () => {
    const headers = { 'wan-image-history': '1.0.0' };
    for (const body of [page(''), '{"error":{"message":"No."}}']) {
      const { status } = await tested({}, (url) => ({ headers, body: url.endsWith('/models') ? '{"data":[]}' : body }));
      expect(status).toBe('OK');
    }
  });
});
