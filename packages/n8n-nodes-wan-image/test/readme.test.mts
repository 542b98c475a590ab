import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { INodeProperties } from 'n8n-workflow';
import { expect, test } from 'vitest';
import { WanImageApi } from '../credentials/WanImageApi.credentials.ts';
import { WanImage } from '../nodes/WanImage/WanImage.node.ts';
import { WanImageTrigger } from '../nodes/WanImageTrigger/WanImageTrigger.node.ts';

const README = await readFile(join(import.meta.dirname, '../README.md'), 'utf8');

test('the README lists every field of the nodes and of the credential', () => {
  const fields = [
    ...new WanImage().description.properties,
    ...new WanImageTrigger().description.properties,
    ...new WanImageApi().properties,
  ];
  // Self-explanatory: the two parts of a custom size, and the choice of the operation.
  const isPlain = (name: string): boolean => ['Width', 'Height', 'Resource', 'Operation'].includes(name);
  const named = fields.flatMap(namesOf).filter((name) => !isPlain(name));
  // In the first column of a table, in bold, or in the row Options.
  const listed = (README.match(/^\| [^|]+\||\*\*[^*]+\*\*|(?<=^\| Options +\|).*$/gm) ?? []).join(' ');
  expect(named.filter((name) => !listed.includes(name))).toEqual([]);
});

function namesOf({ displayName, type, options = [] }: INodeProperties): string[] {
  if (type === 'notice') return [];
  return type === 'collection' ? (options as INodeProperties[]).flatMap(namesOf) : [displayName];
}
