import type { ServerResponse } from 'node:http';
import { sendJson, startTestServer, type RecordedRequest } from '@wan-image/testing/http-server';
import { disposable } from '@wan-image/testing/resource';
import type { JsonObject } from './types.ts';

/** The next response of the model. */
export type ChatResponse =
  /** Calls a tool, by default the first of the request. A function gets the last response of a tool. */
  | { readonly arguments: JsonObject | ((toolMessage: string) => JsonObject); readonly tool?: string }
  /** Ends the conversation. A function gets the same. */
  | { readonly text: string | ((toolMessage: string) => string) };

interface ChatRequest {
  readonly model: string;
  readonly messages: readonly ChatMessage[];
  readonly tools?: readonly { readonly function: ToolSchema }[];
  readonly stream?: boolean;
}

interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant' | 'tool';
  readonly content: string | null;
  readonly tool_call_id?: string;
}

/** A tool as the model sees it. */
interface ToolSchema {
  readonly name: string;
  readonly description: string;
  readonly parameters: JsonObject;
}

export interface ChatModel {
  /** For a credential of type `openAiApi`. */
  readonly baseUrl: string;
  readonly requests: readonly ChatRequest[];
  /** The responses of the tools, in order. */
  readonly toolMessages: readonly string[];
}

/** A fake of OpenAI's chat completions: it sends the responses of the script, one for each request, and records the requests. */
export async function startChatModel(script: readonly ChatResponse[]): Promise<ChatModel & AsyncDisposable> {
  const requests: ChatRequest[] = [];
  const server = await startTestServer(({ path, body }: RecordedRequest, response) => {
    if (!path.endsWith('/chat/completions')) return sendJson(response, 404, { error: { message: `No ${path} here.` } });
    const request = JSON.parse(body) as ChatRequest;
    requests.push(request);
    const scripted = script[requests.length - 1];
    if (scripted === undefined) return sendJson(response, 400, { error: { message: 'The script is over.' } });
    send(response, request, messageOf(scripted, request));
  });
  const model = {
    baseUrl: `${server.url}/v1`,
    requests,
    get toolMessages(): readonly string[] {
      return toolMessagesOf(requests.at(-1));
    },
  };
  return disposable(model, async () => server[Symbol.asyncDispose]());
}

function toolMessagesOf(request: ChatRequest | undefined): readonly string[] {
  return (request?.messages ?? []).filter(({ role }) => role === 'tool').map(({ content }) => content ?? '');
}

interface AssistantMessage {
  readonly role: 'assistant';
  readonly content: string | null;
  readonly tool_calls?: readonly object[];
}

function messageOf(response: ChatResponse, request: ChatRequest): AssistantMessage {
  const said = toolMessagesOf(request).at(-1) ?? '';
  if ('text' in response) {
    const { text } = response;
    return { role: 'assistant', content: typeof text === 'string' ? text : text(said) };
  }
  const args = response.arguments;
  const call = {
    index: 0,
    id: `call_${request.messages.length}`,
    type: 'function',
    function: {
      name: response.tool ?? request.tools?.[0]?.function.name ?? 'none',
      arguments: JSON.stringify(typeof args === 'function' ? args(said) : args),
    },
  };
  return { role: 'assistant', content: null, tool_calls: [call] };
}

function send(response: ServerResponse, { model, stream }: ChatRequest, message: AssistantMessage): void {
  const reason = message.tool_calls === undefined ? 'stop' : 'tool_calls';
  const canned = { id: 'chatcmpl-1', created: 1_785_312_000, model };
  if (stream !== true) {
    return sendJson(response, 200, {
      ...canned,
      object: 'chat.completion',
      choices: [{ index: 0, message, finish_reason: reason }],
      usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
    });
  }
  const chunk = (delta: object, finish: string | null): string =>
    `data: ${JSON.stringify({ ...canned, object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.end(`${chunk(message, null)}${chunk({}, reason)}data: [DONE]\n\n`);
}
