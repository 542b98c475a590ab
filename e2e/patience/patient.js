import process from 'node:process';
import { createClient } from '@wan-image/core';

const client = createClient({ baseUrl: process.argv[2], apiKey: 'any' });
const { images, attempts } = await client.generate({ model: 'wan2.7-image', prompt: '一间花店' });
process.stdout.write(JSON.stringify({ url: images[0].url, attempts }));
