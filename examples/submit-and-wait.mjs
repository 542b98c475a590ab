import { createHistoryClient } from '@wan-image/core';

const history = createHistoryClient({ baseUrl: 'http://127.0.0.1:3000', apiKey: 'any' });
const { id } = await history.submit({ model: 'wan2.7-image', prompt: '一间花店', n: 2 });
for await (const event of history.events(id)) console.log(event.type, event.data.state);
const record = await history.get(id, { wait: 60 }); // waits up to 60 s for the end
for (const image of record.images) console.log(image.url);
