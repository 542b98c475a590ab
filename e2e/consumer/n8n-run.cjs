const { setTimeout: sleep } = require('node:timers/promises');
const { makePictures } = require('./make-pictures.js');
const { connect } = require('./n8n-package/dist/nodes/WanImage/WanImage.node.js');

const clock = { now: Date.now, sleep: (ms, signal) => sleep(ms, undefined, { signal }) };
void makePictures(connect(process.argv[2], clock)).then((sizes) => process.stdout.write(JSON.stringify(sizes)));
