import { createClient, acceptRequest, type AcceptedRequest } from '@wan-image/core';
import { startTestServer } from '@wan-image/testing/http-server';
import { encodeImage } from '@wan-image/testing/pictures';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { readConfig } from '../src/config/config.ts';
import { openDatabase } from '../src/database/database.ts';
import { CallsService } from '../src/gateway/calls.service.ts';
import { ReplyPicturesService } from '../src/gateway/reply-pictures.service.ts';
import { ResultsService } from '../src/gateway/results.service.ts';
import { DEFAULT_PROJECT_ID } from '../src/generations/default-project.ts';
import { GenerationsRepository } from '../src/generations/generations.repository.ts';
import { GenerationsService } from '../src/generations/generations.service.ts';
import { ServiceAddress } from '../src/http/service-address.ts';
import { PictureSignatures } from '../src/images/picture-signatures.ts';
import { PicturesService } from '../src/images/pictures.service.ts';
import { StoredImagesService } from '../src/images/stored-images.service.ts';
import { openFolderStore } from '../src/storage/folder-store.ts';
import { openSpool } from '../src/storage/spool.ts';
import { openPlace } from './support/test-history.ts';

function accepted(): AcceptedRequest {
  const result = acceptRequest({
    model: 'wan2.7-image',
    prompt: '取消',
    n: 2,
    size: '1K',
    response_format: 'b64_json',
  });
  if (!result.ok) throw new Error('The request is not right');
  return result.accepted;
}

test.each([
  ['before a picture had come', 0, 'unknown'],
  ['after a picture had come', 1, 'billed'],
])('a generation that is canceled %s', async (_when, come, outcome) => {
  const png = await encodeImage({ format: 'png', width: 300, height: 200 });
  await using upstream = await startTestServer((_received, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.write(`{"data":[${`{"b64_json":"${png.toString('base64')}"},`.repeat(come)}`);
  });
  await using place = await openPlace();
  const config = readConfig(place.environment);
  const database = await openDatabase(config);
  await using _closing = { [Symbol.asyncDispose]: () => database.close() };
  const logger = pino({ level: 'silent' });
  const signatures = new PictureSignatures([{ id: 'own', secret: 's'.repeat(32) }]);
  const generations = new GenerationsService(
    new GenerationsRepository(database.dataSource),
    new ServiceAddress('http://127.0.0.1:1', signatures),
    logger,
  );
  const store = await openFolderStore(config.storageDir);
  const pictures = new PicturesService(store, await openSpool(config.dataDir), logger);
  const client = createClient({ baseUrl: upstream.url, apiKey: 'k' });
  const calls = new CallsService(
    client,
    generations,
    new ResultsService(generations, pictures, logger),
    new ReplyPicturesService(generations, pictures, logger),
    new StoredImagesService(generations, pictures, client, logger),
    logger,
  );
  const identity = { projectId: DEFAULT_PROJECT_ID, fingerprint: 'f', key: null };
  const started = await generations.start(accepted(), 'test', [], identity);
  if (!('generation' in started)) throw new Error('Nothing was started');
  const { id } = started.generation;
  const canceling = new AbortController();
  const { answer, ended } = calls.make(started.generation, accepted(), canceling.signal);
  await expect.poll(() => upstream.requests.length).toBe(1);
  if (come > 0) await answer;
  canceling.abort();
  await ended;
  expect(await generations.get(id)).toMatchObject({
    state: 'canceled',
    outcome,
    error: { code: 'canceled' },
    images: Array.from({ length: come }, () => ({ state: 'stored', width: 300 })),
  });
  if (come === 0) await expect(answer).rejects.toMatchObject({ status: 409, code: 'canceled' });
});
