import { Column, Entity, PrimaryColumn } from 'typeorm';

/**
 * The searchable texts of a generation, in their normal form, and the terms by which an index finds them. A table of its own: the row of a
 * generation is updated several times, and each update would write all of its terms again. Each text has terms of its own, so that one
 * changes without the others. Texts of one kind stand behind each other, with {@link TEXT_SEPARATOR} between them.
 */
@Entity({ name: 'generation_text' })
export class GenerationTextEntity {
  @PrimaryColumn('uuid', { name: 'generation_id' })
  generationId!: string;

  @Column('uuid', { name: 'project_id' })
  projectId!: string;

  @Column({ type: 'text', collation: 'C' })
  prompt!: string;

  /** And the term of the project. */
  @Column('tsvector', { name: 'prompt_terms' })
  promptTerms!: string;

  @Column({ type: 'text', collation: 'C', default: '' })
  revised!: string;

  @Column('tsvector', { name: 'revised_terms', default: '' })
  revisedTerms!: string;

  /** The note and the tags. */
  @Column({ type: 'text', collation: 'C', default: '' })
  notes!: string;

  @Column('tsvector', { name: 'notes_terms', default: '' })
  notesTerms!: string;
}

/** No text in its normal form contains it, and so no word of a search: upper-case letters become lower case. */
export const TEXT_SEPARATOR = 'A';
