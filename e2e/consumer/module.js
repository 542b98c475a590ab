import process from 'node:process';
import { createClient } from '@wan-image/core';
import { makeImages } from './make-images.js';

const client = createClient({ baseUrl: process.argv[2], apiKey: 'any' });
process.stdout.write(JSON.stringify(await makeImages(client)));
