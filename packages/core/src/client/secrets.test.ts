import { inspect } from 'node:util';
import { below, pick, randomOf, type Random } from '@wan-image/testing/random-response';
import { expect, test } from 'vitest';
import { createClient, isWanImageError, TransportError, type Hooks, type Transport } from '../portable.ts';

const ROUNDS = 2_000;

function randomKey(random: Random): string {
  const alphabet = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:~!$';
  const prefix = pick(random, ['sk-', '', 'key:']);
  return (
    prefix + Array.from({ length: 12 + below(random, 40) }, () => alphabet[below(random, alphabet.length)]).join('')
  );
}

/** Every way to print a value. */
function everyPrint(value: unknown): string {
  const error = value as Error & { cause?: unknown };
  return [
    String(value),
    JSON.stringify(value),
    inspect(value, { depth: 20, showHidden: true, getters: true, maxStringLength: null, maxArrayLength: null }),
    error.stack,
    error.message,
    error.cause === undefined ? '' : everyPrint(error.cause),
  ].join('\n');
}

/** Hosts attach whole requests to their errors, and vendors quote what they received. */
function hostile(random: Random, secrets: readonly string[], text: string): Transport {
  const quoted = `refused ${text} for ${secrets.join(' and ')}`;
  const cause = Object.assign(new Error(quoted), {
    code: pick(random, ['ECONNRESET', 'ECONNREFUSED']),
    config: { headers: { authorization: `Bearer ${secrets[0]}` }, data: text },
    cause: new AggregateError([new Error(quoted)], quoted, { cause: quoted }),
  });
  const kind = below(random, 6);
  return async ({ headers, url }) => {
    if (kind === 0) throw new TransportError(quoted, random() < 0.5, { cause });
    if (kind === 1) throw cause;
    if (kind === 2) throw { message: quoted, request: { headers } };
    const status = pick(random, [200, 302, 400, 401, 403, 404, 429, 500, 503]);
    const bodies = [
      JSON.stringify({ error: { message: quoted, code: secrets[0], param: text, type: quoted } }),
      JSON.stringify({
        code: 'InvalidApiKey',
        message: `${quoted} (request id: ${secrets[0]})`,
        request_id: secrets[0],
      }),
      `<html><title>${quoted}</title></html>`,
      quoted,
      JSON.stringify({ data: [{ b64_json: text }], note: quoted }),
    ] as const;
    return {
      status,
      headers: {
        'x-request-id': secrets[0],
        'set-cookie': `a=${secrets[0]}`,
        'x-echo': quoted,
        location: `${url}?${quoted}`,
      },
      body: (async function* () {
        yield new TextEncoder().encode(pick(random, bodies));
        if (kind === 3) throw new TransportError(quoted, true, { cause });
      })(),
    };
  };
}

test(`no error and no hook contains a key, a data URI or a signature, however it is printed (${ROUNDS} random failures)`, async () => {
  let failures = 0;
  for (let seed = 0; seed < ROUNDS; seed++) {
    const random = randomOf(seed);
    const key = randomKey(random);
    const headerKey = randomKey(random);
    const payload = Buffer.from(Array.from({ length: 60 + below(random, 400) }, () => below(random, 256))).toString(
      'base64',
    );
    const signature = `Signature=${randomKey(random)}`;
    const text = `data:image/png;base64,${payload} https://oss.example/a.png?${signature}`;
    const printed: string[] = [];
    const record = (event: unknown): void => void printed.push(everyPrint(event));
    const hooks: Hooks = { request: record, response: record, retry: record, error: record, done: record };
    const client = createClient({
      baseUrl: `http://server.example/${pick(random, ['', 'v1'])}`,
      apiKey: key,
      headers: { 'x-api-key': headerKey },
      transport: hostile(random, [key, headerKey], text),
      // Retry delays end at once, and timeouts are never reached.
      clock: { now: () => 0, sleep: (ms) => (ms < 60_000 ? Promise.resolve() : new Promise(() => undefined)) },
      random,
      newIdempotencyKey: () => 'idempotency',
      hooks,
      timeoutMs: 1e9,
    });
    const work = random() < 0.8 ? client.generate({ model: 'wan2.7-image', prompt: '花' }) : client.models();
    const error: unknown = await work.catch((cause: unknown) => cause);
    if (isWanImageError(error)) {
      failures++;
      record(error);
    } else if (error instanceof Error) throw error;
    const all = printed.join('\n');
    for (const secret of [key, headerKey, payload, payload.slice(20, 50), signature.slice(10)]) {
      expect(all.includes(secret), `seed ${seed}: ${secret} in\n${all.slice(0, 5000)}`).toBe(false);
    }
  }
  expect(failures).toBeGreaterThan(ROUNDS / 2);
}, 60_000);
