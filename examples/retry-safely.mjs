import { createClient, createHistoryClient } from '@wan-image/core';

const connection = { baseUrl: 'http://127.0.0.1:3000', apiKey: 'any' };
const client = createClient({ ...connection, retry: { unknownOutcomes: true } });
const generate = () =>
  client.generate(
    { model: 'wan2.7-image', prompt: '一间花店', extra: { user: 'alice', metadata: { order: '4711' } } },
    { idempotencyKey: 'order-4711' },
  );
const first = await generate();
const again = await generate(); // after a crash, say: billed once
console.log(first.generationId === again.generationId); // true

const { data } = await createHistoryClient(connection).page({ user: 'alice', metadata: { order: '4711' } });
console.log(data.length); // 1
