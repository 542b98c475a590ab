import type { IncomingMessage, ServerResponse } from 'node:http';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CallLog } from '../calls/call-log.ts';
import { readBody } from '../http/read-body.ts';
import { requestIdOf, sendError, sendJson } from '../http/response.ts';

export interface StubContext {
  readonly log: CallLog;
  readonly delayMs: number;
  /** The image as base64. */
  readonly base64: string;
}

/** Responds with canned images after a fixed delay. It does not check the request, because a load test measures the client. */
export async function stubGenerate(
  request: IncomingMessage,
  response: ServerResponse,
  context: StubContext,
): Promise<void> {
  const body = readJson(await readBody(request));
  const end = context.log.arrived({
    received_at: new Date().toISOString(),
    request_id: requestIdOf(response),
    idempotency_key: typeof request.headers['idempotency-key'] === 'string' ? request.headers['idempotency-key'] : null,
    body: null,
  });
  if (body === null) {
    end({ status: 400 });
    sendError(response, 400, {
      message: 'The body is not a JSON object',
      type: 'invalid_request_error',
      param: null,
      code: 'InvalidParameter',
    });
    return;
  }
  const count = typeof body['n'] === 'number' ? body['n'] : 1;
  const created = Math.floor(Date.now() / 1000);
  await sleep(context.delayMs);
  end({ status: 200, billed: count, delay_ms: context.delayMs });
  if (body['response_format'] === 'b64_json') await sendBase64(response, created, count, context.base64);
  else sendJson(response, 200, { created, data: urls(request, count) });
}

function urls(request: IncomingMessage, count: number): object[] {
  return Array.from({ length: count }, (_, index) => ({
    url: `http://${request.headers.host}/simulator/stub/${index}.png`,
    b64_json: '',
    revised_prompt: '',
  }));
}

/** Sent in chunks, so that many large responses at once do not fill the memory. */
async function sendBase64(response: ServerResponse, created: number, count: number, base64: string): Promise<void> {
  response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' });
  response.write(`{"created":${created},"data":[`);
  for (let index = 0; index < count; index++) {
    if (response.destroyed) return;
    response.write(`${index > 0 ? ',' : ''}{"url":"","b64_json":"`);
    if (!response.write(base64, 'latin1')) await Promise.race([once(response, 'drain'), once(response, 'close')]);
    response.write('","revised_prompt":""}');
  }
  response.end(']}');
}

function readJson(text: string | null): Record<string, unknown> | null {
  try {
    const json = JSON.parse(text ?? '') as unknown;
    return typeof json === 'object' && json !== null ? (json as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
