import type { ImageStore } from '../../src/storage/image-store.ts';
import { stage } from '../../src/storage/staging.ts';
import type { StagedFile } from '../../src/storage/staged-file.ts';

/** Stages bytes for a store, in the given chunks. */
export function stageText(store: ImageStore, ...chunks: readonly string[]): Promise<StagedFile> {
  return stage(bytesOf(chunks), store.staging);
}

/** Puts a text into a store; returns its SHA-256. */
export async function putText(store: ImageStore, ...chunks: readonly string[]): Promise<string> {
  const file = await stageText(store, ...chunks);
  await store.put(file);
  return file.sha256;
}

async function* bytesOf(chunks: readonly string[]): AsyncGenerator<Uint8Array, void, void> {
  for (const chunk of chunks) yield Buffer.from(chunk);
}
