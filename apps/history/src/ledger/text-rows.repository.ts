import { normalForm } from '@wan-image/core';
import { TEXT_SEPARATOR } from './generation-text.entity.ts';
import { projectTerm } from '../domain/project-term.ts';
import { EVERYTHING, termsOf, vectorOf } from '../domain/search-terms.ts';

/** A row of a new generation, with the names of its columns. */
export interface NewTextRow {
  readonly generation_id: string;
  readonly project_id: string;
  readonly prompt: string;
  readonly prompt_terms: string;
}

/** A text as it is compared, and its terms. */
export interface IndexedText {
  readonly text: string;
  readonly terms: string;
}

/** A `tsvector` takes a megabyte, and the terms of a text up to three times its bytes. Those of all its parts are one in the index. */
const MAX_TEXT_BYTES = 150_000;

/** The texts as one. They have to be as the database stores them: what it cannot store would be found, and not be there. */
export function indexedText(texts: readonly string[]): IndexedText {
  const normal = texts.map(normalForm);
  const text = normal.join(TEXT_SEPARATOR);
  const isLong = Buffer.byteLength(text) > MAX_TEXT_BYTES;
  return { text, terms: vectorOf(isLong ? [EVERYTHING] : [...new Set(normal.flatMap(termsOf))]) };
}

export function newTextRow(generationId: string, projectId: string, prompt: string): NewTextRow {
  const { text, terms } = indexedText([prompt]);
  return {
    generation_id: generationId,
    project_id: projectId,
    prompt: text,
    prompt_terms: `${vectorOf([projectTerm(projectId)])} ${terms}`,
  };
}

/** The part of the statement that inserts generations which makes them searchable: a CTE; `values` names the parameter with its JSON. */
export function insertTextsSql(values: string): string {
  const columns = 'generation_id, project_id, prompt, prompt_terms';
  return `searchable as (
    insert into generation_text (${columns})
    select ${columns} from jsonb_populate_recordset(null::generation_text, ${values}))`;
}

/** The revised prompts of a generation, with the names that {@link addRevisedSql} reads. */
export interface RevisedRow {
  readonly generation_id: string;
  readonly revised: string;
  readonly revised_terms: string;
}

export function revisedRow(generationId: string, prompts: readonly string[]): RevisedRow {
  const { text, terms } = indexedText(prompts);
  return { generation_id: generationId, revised: text, revised_terms: terms };
}

/**
 * The part of a statement that records images which makes their revised prompts searchable: a CTE. What is there already is added once
 * more, which no search can tell. `recorded` names a CTE with the ids of the generations whose images are recorded: those of others, which
 * have ended otherwise, are in no record, and are not to be found.
 */
export function addRevisedSql(values: string, recorded?: string): string {
  return `revised as (
    update generation_text as found
    set revised = concat_ws('${TEXT_SEPARATOR}', nullif(found.revised, ''), given.revised),
      revised_terms = case
        when octet_length(found.revised) + octet_length(given.revised) > ${MAX_TEXT_BYTES} then '${EVERYTHING}'::tsvector
        else found.revised_terms || given.revised_terms
      end
    from jsonb_populate_recordset(null::generation_text, ${values}) as given
    where found.generation_id = given.generation_id${recorded === undefined ? '' : ` and found.generation_id in (select id from ${recorded})`})`;
}
