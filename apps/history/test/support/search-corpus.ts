import { v7 as uuidv7 } from 'uuid';
import type { DataSource } from 'typeorm';
import { monthsAround } from '../../src/database/partitions.ts';
import type { GenerationEntity } from '../../src/ledger/generation.entity.ts';
import { insertRows } from '../../src/ledger/json-rows.repository.ts';
import { storable } from '../../src/ledger/storable.ts';

export interface RecordedText {
  readonly id: string;
  readonly projectId: string;
  readonly prompt: string;
}

/** The normal form as the API defines it. */
export const normal = (text: string): string => text.normalize('NFKC').toLowerCase().normalize('NFKC');

/** The words of a search as the API defines them, found character by character. */
export function wordsOf(search: string): readonly string[] {
  const words: string[] = [];
  let word = '';
  const end = (): void => {
    if (word !== '') words.push(word);
    word = '';
  };
  for (let at = 0; at < search.length; at++) {
    const character = search[at] ?? '';
    const close = character === '"' ? search.indexOf('"', at + 1) : -1;
    if (close > at + 1) {
      end();
      words.push(search.slice(at + 1, close));
      at = close;
    } else if (/\s/.test(character)) end();
    else word += character;
  }
  end();
  return words.map(normal).filter((one) => /[\p{L}\p{N}\p{S}]/u.test(one));
}

/** Records generations with these prompts as the service does, spread over the months that there are and over the projects. */
export async function recordPrompts(
  dataSource: DataSource,
  prompts: readonly string[],
  projects: readonly string[],
): Promise<readonly RecordedText[]> {
  const [start = new Date()] = monthsAround(new Date());
  const span = Date.now() - start.getTime();
  const recorded = prompts.map((prompt, index) => ({
    id: uuidv7({ msecs: start.getTime() + Math.floor((span * index) / prompts.length) }),
    projectId: projects[index % projects.length] ?? '',
    prompt: storable(prompt),
  }));
  for (let first = 0; first < recorded.length; first += 100) {
    const rows = recorded.slice(first, first + 100).map((one) => ({
      generation: { ...SUCCEEDED, ...one, createdAt: new Date(), finishedAt: new Date() } as GenerationEntity,
      inputs: [],
      openResponse: null,
      rerunOf: null,
    }));
    await insertRows(dataSource.manager, rows);
  }
  return recorded;
}

const SUCCEEDED: Partial<GenerationEntity> = {
  state: 'succeeded',
  outcome: 'billed',
  source: 'test',
  model: 'wan2.7-image',
  request: {},
  clientUser: null,
  metadata: null,
  dropped: [],
  adapted: [],
  simulated: false,
};
