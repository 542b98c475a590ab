import { acceptRequest, inputImagesOf, redactText, type GenerationRequest } from '@wan-image/core';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { shorten, type CallLog } from '../calls/call-log.ts';
import { readPrompt, type Fault } from '../faults/directive.ts';
import type { FaultCounter } from '../faults/fault-counter.ts';
import { InputDownloadError, readInputImages } from '../images/input-images.ts';
import type { ImageSpec } from '../images/image-spec.ts';
import { imageUrl } from '../images/image-url.ts';
import { planImages } from '../images/plan-images.ts';
import type { Renderer } from '../render/renderer.ts';
import { applyFault, billedOf, cutResponse } from './apply-fault.ts';
import { readBody } from './read-body.ts';
import { requestIdOf, sendError, sendJson, type VendorError } from './response.ts';

export interface GenerateContext {
  readonly renderer: Renderer;
  readonly log: CallLog;
  readonly faults: FaultCounter;
  readonly latencyMs: number;
  readonly urlLifetimeSeconds: number;
}

type EndCall = ReturnType<CallLog['arrived']>;

const REFUSED = { type: 'invalid_request_error', code: 'InvalidParameter' } as const;

/** `POST /v1/images/generations`. */
export async function generate(
  request: IncomingMessage,
  response: ServerResponse,
  context: GenerateContext,
): Promise<void> {
  const receivedAt = new Date();
  const text = await readBody(request);
  const body = parseJson(text);
  const end = context.log.arrived({
    received_at: receivedAt.toISOString(),
    request_id: requestIdOf(response),
    idempotency_key: headerOf(request, 'idempotency-key'),
    body: shorten(body ?? null),
  });
  const refuse = (status: number, error: VendorError): void => {
    end({ status });
    sendError(response, status, error);
  };
  if (text === null) return refuse(413, { ...REFUSED, message: 'Request body too large', param: null });
  if (body === undefined) return refuse(400, { ...REFUSED, message: 'The body is not valid JSON', param: null });
  const result = acceptRequest(body);
  if (!result.ok) {
    const message = result.problems.map((problem) => problem.message).join(' ');
    return refuse(400, { ...REFUSED, message, param: result.problems[0]?.param ?? null });
  }
  const wanted = result.value.request;
  const { prompt, fault, problem } = readPrompt(wanted.prompt);
  if (problem !== null) return refuse(400, { ...REFUSED, message: problem, param: 'prompt' });
  const due = fault && context.faults.play(wanted.prompt, fault.times) ? fault : null;
  await work(request, response, { wanted, prompt, fault: due, receivedAt, end }, context);
}

interface Job {
  readonly wanted: GenerationRequest;
  /** Without the directive. */
  readonly prompt: string;
  readonly fault: Fault | null;
  readonly receivedAt: Date;
  readonly end: EndCall;
}

async function work(
  request: IncomingMessage,
  response: ServerResponse,
  job: Job,
  context: GenerateContext,
): Promise<void> {
  const { wanted, prompt, fault, receivedAt, end } = job;
  let specs: ImageSpec[];
  try {
    const inputs = await readInputImages(inputImagesOf(wanted));
    specs = planImages(wanted, prompt === '' ? wanted.model : prompt, inputs, fault?.partial ?? null);
  } catch (error) {
    if (!(error instanceof InputDownloadError)) throw error;
    end({ status: 400 });
    sendError(response, 400, {
      type: 'invalid_request_error',
      code: 'InvalidURL',
      message: redactText(error.message),
      param: 'image',
    });
    return;
  }
  const delay = (fault?.delay ?? 0) + latencyOf(wanted, context.latencyMs);
  end({ delay_ms: delay });
  await sleep(delay);
  if (fault && applyFault(response, fault)) {
    end({ status: response.headersSent ? response.statusCode : null, billed: billedOf(fault, specs.length) });
    return;
  }
  const canned = {
    created: Math.floor(receivedAt.getTime() / 1000),
    data: await Promise.all(specs.map((spec) => sendImage(request, wanted, spec, receivedAt, context))),
  };
  end({ status: 200, billed: specs.length });
  if (fault?.cut === null || fault === null) sendJson(response, 200, canned);
  else cutResponse(response, JSON.stringify(canned), fault.cut);
}

/** Thinking only has an effect without an input and outside a set. */
function latencyOf(request: GenerationRequest, latencyMs: number): number {
  const thinks = request.thinking_mode !== false && request.image === undefined && request.enable_sequential !== true;
  return thinks ? latencyMs * 3 : latencyMs;
}

/** The key of the format that was not asked for is there, as the empty string: so do the vendor and its like answer. */
async function sendImage(
  request: IncomingMessage,
  wanted: GenerationRequest,
  spec: ImageSpec,
  receivedAt: Date,
  { renderer, urlLifetimeSeconds }: GenerateContext,
): Promise<object> {
  const revised_prompt = revisedPrompt(spec.caption, wanted);
  if (wanted.response_format === 'b64_json') {
    return { url: '', b64_json: (await renderer.render(spec)).toString('base64'), revised_prompt };
  }
  const expires = Math.floor(receivedAt.getTime() / 1000) + urlLifetimeSeconds;
  return { url: imageUrl(`http://${request.headers.host}`, spec, expires), b64_json: '', revised_prompt };
}

function revisedPrompt(prompt: string, wanted: GenerationRequest): string {
  if (wanted.thinking_mode === false) return '';
  return /\p{Script=Han}/u.test(prompt) ? `${prompt}，柔和的光线，细节丰富` : `${prompt}, soft light, rich in detail`;
}

function headerOf(request: IncomingMessage, name: string): string | null {
  const value = request.headers[name];
  return typeof value === 'string' ? value : null;
}

function parseJson(text: string | null): unknown {
  try {
    return JSON.parse(text ?? '') as unknown;
  } catch {
    return undefined;
  }
}
