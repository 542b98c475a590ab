import process from 'node:process';
import { analyzePackage } from '@n8n/scan-community-package/scanner/scanner.mjs';

// Of the scan of a published package, the part that needs no network: of what is packed, the same files by the same rules.
const { passed, message, details } = await analyzePackage(process.argv[2], ['**/*.js', 'package.json']);
process.stdout.write(JSON.stringify({ passed, message, details }));
