const { setTimeout: sleep } = require('node:timers/promises');
const { makeImages } = require('./make-images.js');
const { connect } = require('./n8n-package/dist/nodes/WanImage/WanImage.node.js');

const clock = { now: Date.now, sleep: (ms, signal) => sleep(ms, undefined, { signal }) };
void makeImages(connect(process.argv[2], clock)).then((sizes) => process.stdout.write(JSON.stringify(sizes)));
