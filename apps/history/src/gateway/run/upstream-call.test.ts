import { createClient } from '@wan-image/core';
import { startTestServer } from '@wan-image/testing/http-server';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import type { OutcomeRecorder } from '../../ledger/outcome-recorder.service.ts';
import type { GenerationEntity } from '../../ledger/generation.entity.ts';
import type { LedgerRepository } from '../../ledger/ledger.repository.ts';
import type { ImageFilesService } from '../../images/image-files.service.ts';
import type { PendingImages } from '../../images/pending-images.service.ts';
import { UpstreamCall } from './upstream-call.service.ts';
import type { ResponseImagesService } from '../response/response-images.service.ts';
import { ResultsService } from './results.service.ts';

test('a call that fails midway through a response closes its connection', async () => {
  const closed = Promise.withResolvers<void>();
  await using upstream = await startTestServer((_received, response) => {
    response.on('close', () => closed.resolve());
    response.writeHead(200, { 'content-type': 'application/json' });
    response.write('{"created":1,"data":[{"b64_json":"QUJD"},');
  });
  const logger = pino({ level: 'silent' });
  // Stubs with only the methods that this call uses.
  const endings = { record: () => Promise.resolve(true) } as unknown as OutcomeRecorder;
  const bytes = Uint8Array.of(1, 2, 3);
  const receive = async (_id: string, arriving: AsyncIterable<Uint8Array>): Promise<object> => {
    for await (const _chunk of arriving);
    return { in: 'memory', bytes };
  };
  const files = { receive } as unknown as ImageFilesService;
  const ofBytes = (): never => {
    throw new Error('the bytes are gone');
  };
  const calls = new UpstreamCall(
    createClient({ baseUrl: upstream.url, apiKey: 'sk-upstream' }),
    endings,
    new ResultsService({} as LedgerRepository, files, logger),
    { ofBytes } as unknown as ResponseImagesService,
    {} as PendingImages,
    logger,
  );
  const request = { model: 'wan2.7-image', prompt: '花', n: 2, size: '1K', response_format: 'b64_json' } as const;
  const work = calls.start(
    { id: '01932d5e-0000-7000-8000-000000000000' } as GenerationEntity,
    { request, extra: {}, dropped: [] },
    new AbortController().signal,
  );
  await expect(work.response).rejects.toThrow('The service failed while');
  await closed.promise;
});
