import { bundled } from './support/bundle.ts';
import {writeFileSync} from 'node:fs';
writeFileSync('/tmp/b1.js', await bundled(process.argv[2], "export { createClient } from '@wan-image/core/portable'"));
writeFileSync('/tmp/b2.js', await bundled(process.argv[2], "export { createClient } from '@wan-image/core/portable'",{conditions:['@wan-image/source']}));
