import { readFile, writeFile } from 'node:fs/promises';
import { createClient } from '@wan-image/core';

const client = createClient({ baseUrl: 'http://127.0.0.1:3000', apiKey: 'any' });
const image = await readFile('photo.jpg'); // or a URL, or a list of up to nine
const { images } = await client.generate({ model: 'wan2.7-image', prompt: '把天空换成晚霞', image });
for (const edited of images) await writeFile(`edited-${edited.index}.png`, edited.stream());
