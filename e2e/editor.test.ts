import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openLanguageServer, type OpenFile } from './support/language-server.ts';
import { packedCore } from './support/packed.ts';

/** What an editor shows of the published package, to somebody who has nothing but the package. */
const resources = new AsyncDisposableStack();
let server: Awaited<ReturnType<typeof openLanguageServer>>;
beforeAll(async () => {
  const { project } = resources.use(await packedCore());
  const compilerOptions = { strict: true, module: 'nodenext', target: 'es2022', lib: ['es2022', 'dom'], types: [] };
  await writeFile(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['typed.ts'] }));
  server = resources.use(await openLanguageServer(project));
});
afterAll(() => resources.disposeAsync());

/** Opens a program whose `|` is the cursor. */
function openAt(name: string, program: string): { readonly file: OpenFile; readonly at: number } {
  return { file: server.open(name, program.replace('|', '')), at: program.indexOf('|') };
}

const GENERICS: ReadonlySet<string> = new Set(['Parsed', 'Example', 'AcceptedRequest', 'AcceptedBody']);

/** A name of the package, and the sentence that an editor shows of it. */
interface Shown {
  readonly name: string;
  readonly description: string;
}

/** A line of code that ends with a name of the package. */
interface Use {
  readonly name: string;
  readonly line: string;
}

/** Hovers over the name at the end of each line. */
async function hoverUses(fileName: string, header: string, uses: readonly Use[]): Promise<Shown[]> {
  const file = server.open(fileName, header + uses.map(({ line }) => `${line};\n`).join(''));
  const shown: Shown[] = [];
  let end = header.length;
  for (const { name, line } of uses) {
    end += line.length;
    const at = end - 1;
    end += ';\n'.length;
    // What TypeScript itself declares, such as the methods of a string, is not ours to describe. Of a member of a union an editor shows no
    // description before the type is narrowed; its parts are described where they are declared.
    const [declared, ...others] = await file.declaredIn(at);
    if (declared?.includes('/@wan-image/core/') !== true || others.length > 0) continue;
    shown.push({ name, description: (await file.hover(at)).description });
  }
  return shown;
}

/** Every name of an entry point and every member of its types, with what an editor shows of it. */
async function publicNames(entryPoint: string, id: string): Promise<readonly Shown[]> {
  const namespace = `import * as core from '${entryPoint}';\n`;
  const values = openAt(`${id}-values.ts`, `${namespace}core.|`);
  const types = openAt(`${id}-types.ts`, `${namespace}declare const v: core.|`);
  const valueNames = await values.file.completions(values.at);
  const typeNames = await types.file.completions(types.at);
  const typeOf = (name: string): string => `core.${name}${GENERICS.has(name) ? '<never>' : ''}`;
  const uses: Use[] = valueNames.map((name) => ({ name, line: `core.${name}` }));
  for (const name of typeNames) {
    uses.push({ name, line: `declare let t_${name}: core.${name}` });
    const members = openAt(`${id}-${name}.ts`, `${namespace}declare const v: ${typeOf(name)};\nv.|`);
    const found = await members.file.completions(members.at);
    for (const member of found) uses.push({ name: `${name}.${member}`, line: `(null! as ${typeOf(name)}).${member}` });
  }
  return hoverUses(`${id}-hover.ts`, namespace, uses);
}

describe.each([
  [
    '@wan-image/core',
    'main',
    ['GenerateRequest.prompt', 'ClientOptions.apiKey', 'GenerationRecord.outcome', 'WanImageError.kind'],
  ],
  ['@wan-image/core/portable', 'portable', ['PortableClientOptions.clock', 'ArrivingImage.stream', 'Hooks.retry']],
  ['@wan-image/core/testing', 'testing', ['transportContract', 'FakeClock.advance', 'TransportCase.check']],
] as const)('%s', (entryPoint, id, some) => {
  test('shows a description of each name and of each member', async () => {
    const shown = await publicNames(entryPoint, id);
    expect(shown.map(({ name }) => name)).toEqual(expect.arrayContaining([...some]));
    expect(shown.filter(({ description }) => description === '').map(({ name }) => name)).toEqual([]);
    // A description stands for itself: the number of a rule leads nowhere without this repository.
    expect(shown.filter(({ description }) => /\brulings?\b/.test(description)).map(({ name }) => name)).toEqual([]);
  });
});

describe('an editor', () => {
  const head = "import { createClient } from '@wan-image/core';\nconst client = createClient();\n";

  test('offers the presets of size, the models and the formats', async () => {
    const size = openAt('size.ts', `${head}void client.generate({ model: 'wan2.7-image', prompt: '花', size: '|' });`);
    expect(await size.file.completions(size.at)).toEqual(['1K', '2K', '4K']);
    const model = openAt('model.ts', `${head}void client.generate({ model: '|', prompt: '花' });`);
    expect(await model.file.completions(model.at)).toEqual(['wan2.7-image', 'wan2.7-image-pro']);
    const format = openAt(
      'format.ts',
      `${head}void client.generate({ model: 'wan2.7-image', prompt: '花', response_format: '|' });`,
    );
    expect(await format.file.completions(format.at)).toEqual(['b64_json', 'url']);
  });

  test('accepts any other size, which the contract checks', async () => {
    const { file } = openAt(
      'custom.ts',
      `${head}void client.generate({ model: 'wan2.7-image', prompt: '花', size: '1280x720' });|`,
    );
    expect(await file.errors()).toEqual([]);
  });

  test('names what is missing, and the type that wants it', async () => {
    const { file } = openAt('missing.ts', `${head}void client.generate({ model: 'wan2.7-image' });|`);
    expect(await file.errors()).toEqual([
      `Property 'prompt' is missing in type '{ model: "wan2.7-image"; }' but required in type 'GenerateRequest'.`,
    ]);
    const portable = openAt(
      'portable.ts',
      "import { createClient } from '@wan-image/core/portable';\ncreateClient({ baseUrl: 'http://a.example' });|",
    );
    expect(await portable.file.errors()).toEqual([
      expect.stringMatching(/missing the following properties from type 'PortableClientOptions': apiKey, transport/),
    ]);
  });

  test('shows a short type and the limits over a parameter', async () => {
    const { file, at } = openAt('hover.ts', `${head}void client.generate({ model: 'wan2.7-image', prom|pt: '花' });`);
    expect(await file.hover(at)).toEqual({
      type: '(property) GenerationParameters.prompt: string',
      description:
        'What to generate or to change, in Chinese or English: 1 to 5000 characters (Unicode code points), not only white space.',
    });
    const method = openAt('method.ts', `${head}void client.gen|erate({ model: 'wan2.7-image', prompt: '花' });`);
    expect((await method.file.hover(method.at)).type).toBe(
      '(method) Client.generate(request: GenerateRequest, options?: GenerateOptions): Promise<Generation>',
    );
  });
});
