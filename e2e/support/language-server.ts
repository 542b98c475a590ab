import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { disposable } from '@wan-image/testing/resource';
import { createMessageConnection, StreamMessageReader, StreamMessageWriter } from 'vscode-jsonrpc/node';

/** A file as an editor has it open. A position is the index of a character. */
export interface OpenFile {
  /** What an editor shows over the name at a position: its type, and its description after that; empty without a description. */
  hover(index: number): Promise<{ readonly type: string; readonly description: string }>;
  /** The labels that an editor offers at a position. */
  completions(index: number): Promise<readonly string[]>;
  /** The paths of the files that declare the name at a position: several times for a member of a union. */
  declaredIn(index: number): Promise<readonly string[]>;
  /** The messages of its errors. */
  errors(): Promise<readonly string[]>;
}

interface Hover {
  readonly contents: { readonly value: string };
}
interface Completion {
  readonly label: string;
}

/** The language service of TypeScript for a folder, as an editor uses it. */
export async function openLanguageServer(
  folder: string,
): Promise<{ open(name: string, text: string): OpenFile } & AsyncDisposable> {
  const tsc = join(createRequire(import.meta.url).resolve('typescript/package.json'), '../bin/tsc');
  const server = spawn(process.execPath, [tsc, '--lsp', '--stdio'], { stdio: ['pipe', 'pipe', 'ignore'] });
  const connection = createMessageConnection(
    new StreamMessageReader(server.stdout),
    new StreamMessageWriter(server.stdin),
  );
  // It asks to be told of changes of files. There are none.
  connection.onRequest(() => null);
  connection.listen();
  const textDocument = { hover: { contentFormat: ['markdown'] }, completion: {} };
  await connection.sendRequest('initialize', {
    processId: process.pid,
    rootUri: pathToFileURL(folder).href,
    capabilities: { textDocument },
  });
  await connection.sendNotification('initialized', {});

  const open = (name: string, text: string): OpenFile => {
    const uri = pathToFileURL(join(folder, name)).href;
    const opened = connection.sendNotification('textDocument/didOpen', {
      textDocument: { uri, languageId: 'typescript', version: 1, text },
    });
    const ask = async <T>(method: string, index?: number): Promise<T> => {
      await opened;
      const before = text.slice(0, index).split('\n');
      const position = { line: before.length - 1, character: before.at(-1)?.length ?? 0 };
      return connection.sendRequest(method, { textDocument: { uri }, ...(index === undefined ? {} : { position }) });
    };
    return {
      async hover(index) {
        const shown = await ask<Hover | null>('textDocument/hover', index);
        const [, type = '', description = ''] =
          /^```typescript\n([^]*?)\n```\n?([^]*)$/.exec(shown?.contents.value ?? '') ?? [];
        return { type, description: description.trim() };
      },
      async completions(index) {
        const found = await ask<{ readonly items: readonly Completion[] } | readonly Completion[] | null>(
          'textDocument/completion',
          index,
        );
        const items = found !== null && 'items' in found ? found.items : (found ?? []);
        return items.map(({ label }) => label.replace(/\?$/, ''));
      },
      async declaredIn(index) {
        const found = await ask<readonly { readonly uri: string }[] | null>('textDocument/definition', index);
        return (found ?? []).map(({ uri: declared }) => decodeURIComponent(new URL(declared).pathname));
      },
      async errors() {
        const { items } = await ask<{ readonly items: readonly { readonly message: string }[] }>(
          'textDocument/diagnostic',
        );
        return items.map(({ message }) => message);
      },
    };
  };
  return disposable({ open }, async () => {
    const exited = once(server, 'exit');
    connection.dispose();
    server.kill();
    await exited;
  });
}
