import { createClient } from '@wan-image/core';
import { makePictures } from './make-pictures.js';

const client = createClient({ baseUrl: location.origin, apiKey: 'any' });
document.body.textContent = await makePictures(client).then(JSON.stringify, String);
