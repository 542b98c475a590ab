import { expect } from 'vitest';
import type { RequestCase } from './case.ts';
import { BASE, MODEL, refused, SENT } from './common.ts';

const ALIASES = { MODEL_ALIASES: `gpt-image-1=${MODEL},dall-e-3=${MODEL},fast=${MODEL}` };
const BASE64 = { data: [{ b64_json: expect.any(String) as unknown }] };
const URLS = { data: [{ url: expect.any(String) as unknown }] };

const aliased = (model: string, more: object, response: object, format: object): RequestCase => ({
  name: `the alias ${model} with ${JSON.stringify(more)}`,
  settings: ALIASES,
  body: { json: { ...BASE, model, ...more } },
  status: 200,
  response,
  sent: [{ ...SENT, ...format }],
});

export const OPENAI_CASES: readonly RequestCase[] = [
  aliased('gpt-image-1', {}, BASE64, { response_format: 'b64_json' }),
  aliased('dall-e-3', {}, BASE64, { response_format: 'b64_json' }),
  aliased('gpt-image-1', { response_format: 'url' }, URLS, { response_format: 'url' }),
  aliased('fast', {}, URLS, {}),
  {
    name: 'OpenAI’s SDK for Python, as examples/openai_sdk.py calls it',
    headers: {
      accept: 'application/json',
      'user-agent': 'OpenAI/Python 3.22.1',
      'x-stainless-lang': 'python',
      'x-stainless-retry-count': '0',
    },
    body: '{"prompt":"一间花店","model":"wan2.7-image","user":"alice","seed":7,"metadata":{"order":"4711"}}',
    status: 200,
    response: URLS,
    sent: [{ model: MODEL, prompt: '一间花店', seed: 7, n: 1, size: '2K' }],
    record: { user: 'alice', metadata: { order: '4711' }, dropped: [] },
  },
  {
    name: 'a model of OpenAI without an alias: the error names the setting',
    body: { json: { ...BASE, model: 'gpt-image-1' } },
    status: 400,
    response: refused('model', /MODEL_ALIASES=gpt-image-1=wan2\.7-image/),
  },
  {
    name: 'size auto: the error names the setting',
    body: { json: { ...BASE, size: 'auto' } },
    status: 400,
    response: refused('size', /OPENAI_DIALECT=true/),
  },
  {
    name: 'a size that is too small: the error names the setting',
    body: { json: { ...BASE, size: '512x512' } },
    status: 400,
    response: refused('size', /OPENAI_DIALECT=true/),
  },
  {
    name: 'a size that no setting helps with: the error names none',
    body: { json: { ...BASE, size: '9000x9000' } },
    status: 400,
    response: refused('size', /^(?!.*OPENAI_DIALECT)/),
  },
];
