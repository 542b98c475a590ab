import { randomPrompt } from '@wan-image/testing/prompts';
import { below, type Random } from '@wan-image/testing/random-response';
import { v7 as uuidv7 } from 'uuid';
import type { DataSource } from 'typeorm';
import { monthsAround } from '../../src/database/partitions.ts';
import type { GenerationEntity } from '../../src/ledger/generation.entity.ts';
import { indexNotes } from '../../src/ledger/bin.repository.ts';
import { insertRows, jsonText } from '../../src/ledger/json-rows.repository.ts';
import { storable } from '../../src/ledger/storable.ts';
import { addRevisedSql, revisedRow } from '../../src/ledger/text-rows.repository.ts';

export interface RecordedText {
  readonly id: string;
  readonly projectId: string;
  readonly prompt: string;
}

/** A generation with all texts that a word may stand in: its prompt, revised prompts, note and tags. */
export interface SearchedText extends RecordedText {
  readonly texts: readonly string[];
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

/** Adds revised prompts, notes and tags to some of them, as the service does. */
export async function addTexts(
  { manager }: DataSource,
  recorded: readonly RecordedText[],
  random: Random,
): Promise<readonly SearchedText[]> {
  const some = (part: number, most: number): readonly string[] =>
    random() < part ? Array.from({ length: 1 + below(random, most) }, () => shortPrompt(random)) : [];
  const all = recorded.map(({ id, projectId, prompt }) => ({
    id,
    projectId,
    prompt,
    revised: some(0.3, 2),
    notes: some(0.3, 4),
  }));
  for (let first = 0; first < all.length; first += 100) {
    const rows = all.slice(first, first + 100).filter(({ revised }) => revised.length > 0);
    const revised = jsonText(rows.map((one) => revisedRow(one.id, one.revised)));
    if (rows.length > 0) await manager.query(`with ${addRevisedSql('$1')} select`, [revised]);
  }
  for (const { id, notes } of all) if (notes.length > 0) await indexNotes(manager, id, notes);
  return all.map(({ id, projectId, prompt, revised, notes }) => ({
    id,
    projectId,
    prompt,
    texts: [prompt, ...revised, ...notes],
  }));
}

function shortPrompt(random: Random): string {
  return storable(Array.from(randomPrompt(random)).slice(0, 60).join(''));
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
