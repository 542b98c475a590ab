import type { ExportRequest } from '../contract/library-types.ts';
import { buildAction } from '../protocol/build-request.ts';
import { errorFromResponse } from '../protocol/read-error.ts';
import { call } from './call.ts';
import { checkCallOptions } from './check-options.ts';
import type { PortableHistoryClientOptions } from './client-options.ts';
import { queryOf } from './history-calls.ts';
import type { ExportOptions } from './history-client.ts';
import { jsonBody } from './json-body.ts';
import { readErrorText } from './read-text.ts';
import type { IncomingResponse, Session } from './session.ts';

/** Like the download of an image: a failure before the first byte is retried. */
export async function* exportArchive(
  options: PortableHistoryClientOptions,
  exportRequest: ExportRequest,
  { projectId = options.projectId, ...callOptions }: ExportOptions = {},
): AsyncIterable<Uint8Array> {
  checkCallOptions({ ...callOptions, projectId }, ['projectId']);
  const { headers, ...request } = buildAction('export', `/v1/exports${queryOf({ project_id: projectId })}`);
  const outgoing = {
    request: { ...request, headers: { ...headers, accept: 'application/zip' } },
    body: jsonBody(exportRequest),
  };
  yield* call(options, outgoing, read, callOptions);
}

async function* read(response: IncomingResponse, session: Session): AsyncGenerator<Uint8Array, void, void> {
  if (response.status !== 200) throw errorFromResponse(response, await readErrorText(response, session), session.now());
  yield* response.body;
}
