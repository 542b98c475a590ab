const { createClient } = require('@wan-image/core');
const { makePictures } = require('./make-pictures.js');

const client = createClient({ baseUrl: process.argv[2], apiKey: 'any' });
void makePictures(client).then((sizes) => process.stdout.write(JSON.stringify(sizes)));
