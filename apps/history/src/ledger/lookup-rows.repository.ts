import { readImageId } from '../domain/image-key.ts';
import { lookupTermsOf } from '../domain/lookup-term.ts';
import type { NewImage } from './generation-image.entity.ts';
import type { GenerationEntity } from './generation.entity.ts';

/** The rows by which generations are looked up, with the names of their columns, and the parts of statements that insert them. */

interface TermRow {
  readonly generation_id: string;
  readonly project_id: string;
  readonly term: string;
}

type LookedUp = Pick<GenerationEntity, 'id' | 'projectId' | 'clientUser' | 'metadata' | 'request'>;

export function termRowsOf(generation: LookedUp): readonly TermRow[] {
  const terms = new Set(lookupTermsOf(generation));
  return [...terms].map((term) => ({ generation_id: generation.id, project_id: generation.projectId, term }));
}

export function insertTermsSql(values: string): string {
  const columns = 'generation_id, project_id, term';
  return `looked_up as (
    insert into generation_term (${columns})
    select ${columns} from jsonb_populate_recordset(null::generation_term, ${values})
    on conflict do nothing)`;
}

interface DerivationRow {
  readonly child_id: string;
  readonly project_id: string;
  readonly parent_id: string;
  readonly kind: 'rerun' | 'edit';
  readonly image_id: string;
}

/** What a generation was made from: a rerun, or images of this history that were given by their URLs. */
export function derivationRowsOf({
  generation: { id, projectId },
  inputs,
  rerunOf,
}: {
  readonly generation: Pick<GenerationEntity, 'id' | 'projectId'>;
  readonly inputs: readonly Pick<NewImage, 'fromImage'>[];
  readonly rerunOf: string | null;
}): readonly DerivationRow[] {
  const row = { child_id: id, project_id: projectId };
  const images = new Set(inputs.flatMap(({ fromImage }) => fromImage ?? []));
  const edits = [...images].flatMap((image): DerivationRow[] => {
    const parent = readImageId(image)?.generationId;
    return parent === undefined ? [] : [{ ...row, parent_id: parent, kind: 'edit', image_id: image }];
  });
  return rerunOf === null ? edits : [{ ...row, parent_id: rerunOf, kind: 'rerun', image_id: '' }, ...edits];
}

/** Only within a project: a signed URL may name an image of another one, which is nobody's business here. */
export function insertDerivationsSql(values: string): string {
  return `derived as (
    insert into derivation (child_id, parent_id, kind, image_id)
    select child_id, parent_id, kind, image_id
    from jsonb_to_recordset(${values}) as row (child_id uuid, project_id uuid, parent_id uuid, kind text, image_id text)
    where exists (
      select from generation where generation.id = row.parent_id and generation.project_id = row.project_id)
    on conflict do nothing)`;
}
