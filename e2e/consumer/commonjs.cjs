const { createClient } = require('@wan-image/core');
const { makeImages } = require('./make-images.js');

const client = createClient({ baseUrl: process.argv[2], apiKey: 'any' });
void makeImages(client).then((sizes) => process.stdout.write(JSON.stringify(sizes)));
