import { createClient } from '@wan-image/core';
import { makeImages } from './make-images.js';

const client = createClient({ baseUrl: location.origin, apiKey: 'any' });
document.body.textContent = await makeImages(client).then(JSON.stringify, String);
