import {
  parseGenerationListQuery,
  parseGenerationRequest,
  parseUpdateGeneration,
  RESPONSE_EXAMPLES,
} from '@wan-image/core';
import type { Problem } from '@wan-image/core';
import { PNG, type CannedResponse, type Sent, type Setting } from './run.mts';

/** A history service in canned responses, with the checks of the real one. e2e/n8n/generations.test.ts has the real one. */

export const ID = '019ab2c4-5d6e-7f80-9a1b-2c3d4e5f6071';

const HEADERS = { 'wan-image-history': '1.0.0' };

/** Of an earlier request. */
const EARLIER = { model: 'wan2.7-image-pro', prompt: '一间花店', n: 1, size: '2K', seed: 7 };

function recordOf(changes: Readonly<Record<string, unknown>> = {}, images = 1): Record<string, unknown> {
  const [example] = RESPONSE_EXAMPLES.Generation.images;
  return {
    ...RESPONSE_EXAMPLES.Generation,
    id: ID,
    prompt: EARLIER.prompt,
    request: EARLIER,
    images: Array.from({ length: images }, (_, index) => ({
      ...example,
      id: `${ID}-${index}`,
      index,
      url: `https://public.example.com/images/${ID}-${index}?key=1&signature=x`,
      width: 320,
      height: 240,
    })),
    ...changes,
  };
}

function json(body: unknown, status = 200): CannedResponse {
  return { status, headers: HEADERS, body: JSON.stringify(body) };
}

function refused(problems: readonly Problem[]): CannedResponse {
  const [first] = problems;
  return json(
    { error: { message: first?.message, type: 'invalid_request_error', code: 'invalid_value', param: first?.param } },
    400,
  );
}

const QUEUED = { state: 'running', outcome: null, finished_at: null, images: [] };

/** With `polls`, a new generation ends after so many requests for its record. */
function respond({ polls = 0 } = {}): (sent: Sent) => CannedResponse {
  let remaining = polls;
  let made = recordOf();
  return ({ method, url, body }) => {
    const { pathname, search } = new URL(url);
    const of = (pattern: RegExp): boolean => pattern.test(`${method} ${pathname}`);
    const created = (all: Record<string, unknown>): CannedResponse => {
      // A parameter of the vendor, which the service passes on.
      const request = Object.fromEntries(Object.entries(all).filter(([name]) => name !== 'bbox_list'));
      const parsed = parseGenerationRequest(request);
      if (!parsed.ok) return refused(parsed.problems);
      made = recordOf({ request, prompt: parsed.value.prompt, model: parsed.value.model }, parsed.value.n);
      return json(remaining > 0 ? { ...made, ...QUEUED } : made, 202);
    };
    if (of(/^POST .*\/images\/generations$/)) return created(body ?? {});
    if (of(/^POST .*\/rerun$/)) {
      const all = Object.entries({ ...EARLIER, ...body }).filter(([, value]) => value !== null);
      return created(Object.fromEntries(all));
    }
    if (of(/^POST .*\/cancel$/))
      return json({ ...made, ...QUEUED, state: 'canceled', outcome: 'unknown', finished_at: made['created_at'] });
    if (of(/^GET \/images\//)) return { headers: HEADERS, body: PNG };
    if (of(/^GET \/v1\/images\//)) return json({ ...(made['images'] as object[])[0], generation_id: ID });
    if (of(/^PATCH \/v1\/images\//))
      return json({ ...(recordOf()['images'] as object[])[0], ...body, generation_id: ID });
    if (of(/^GET \/v1\/generations$/)) {
      const parsed = parseGenerationListQuery(queryOf(search));
      return parsed.ok
        ? json({ object: 'list', data: [made], has_more: false, next_cursor: null })
        : refused(parsed.problems);
    }
    if (of(/^GET \/v1\/generations\//)) return json(remaining-- > 0 ? { ...made, ...QUEUED } : made);
    if (of(/^PATCH /)) {
      const parsed = parseUpdateGeneration(body);
      return parsed.ok ? json({ ...made, ...body, tags: body?.['tags'] ?? [] }) : refused(parsed.problems);
    }
    if (of(/^DELETE /)) return { status: 204, headers: HEADERS, body: '' };
    return json(made);
  };
}

/** Values that are repeated become a list, as the service reads them. */
function queryOf(search: string): Record<string, unknown> {
  const params = new URLSearchParams(search);
  return Object.fromEntries(
    [...new Set(params.keys())].map((name) => {
      const all = params.getAll(name);
      return [name, all.length === 1 ? all[0] : all];
    }),
  );
}

const SERVICE: CannedResponse = json({
  version: '1.0.0',
  simulated: false,
  key_required: true,
  scopes: ['generate', 'read', 'manage'],
  prices: {},
  currency: 'CNY',
  search: { complete: true, indexed: 1 },
});

/** A run of the node with a history service. */
export function ofHistory(polls = 0): Pick<Setting, 'service' | 'response'> {
  return { service: SERVICE, response: respond({ polls }) };
}

/** The parameters of an operation for one generation. */
export function generation(operation: string, more: Setting['parameters'] = {}): NonNullable<Setting['parameters']> {
  return { resource: 'generation', operation, generation: { __rl: true, mode: 'id', value: ID }, ...more };
}
