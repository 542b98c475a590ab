import process from 'node:process';
import { analyzePackage, SOURCE_FILE_PATTERNS } from '@n8n/scan-community-package/scanner/scanner.mjs';

// Of the scan of a published package, the two parts that need no network: of what is packed and of its sources, the same files by the same rules.
const [folder, kind] = process.argv.slice(2);
const patterns = { packed: ['**/*.js', 'package.json'], source: SOURCE_FILE_PATTERNS }[kind];
const { passed, message, details } = await analyzePackage(folder, patterns);
process.stdout.write(JSON.stringify({ passed, message, details }));
