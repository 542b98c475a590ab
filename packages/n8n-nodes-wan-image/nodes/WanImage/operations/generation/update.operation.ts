import type { INodeProperties } from 'n8n-workflow';
import { fieldError } from '../../errors/field-error.ts';
import { generationField, readGeneration } from '../../fields/generation.ts';
import { asText, listOf } from '../../fields/values.ts';
import { forAgent, simplified } from '../../images/record-json.ts';
import { runItems } from '../../run/run-items.ts';
import type { Operation } from '../operation.ts';

const changesField: INodeProperties = {
  displayName: 'Update Fields',
  name: 'updateFields',
  type: 'collection',
  placeholder: 'Add Field',
  default: {},
  options: [
    {
      displayName: 'Note',
      name: 'note',
      type: 'string',
      typeOptions: { rows: 4 },
      default: '',
      description: 'The note of the generation, at most 10,000 characters. Empty removes it.',
    },
    {
      displayName: 'Tags',
      name: 'tags',
      type: 'string',
      default: '',
      placeholder: 'e.g. spring, shop',
      description:
        'All tags of the generation, separated by commas: at most 32 of 64 characters. They replace those that it has; empty removes them.',
    },
  ],
};

/** Tags and note of a generation. */
export const update: Operation = {
  option: {
    name: 'Update',
    action: 'Update a generation',
    description: 'Change the tags and the note of a generation',
  },
  fields: [generationField, changesField],
  run: (context) =>
    runItems(context, async ({ item, library, options, isTool }) => {
      const { id } = readGeneration(context, item);
      const { note, tags } = context.getNodeParameter('updateFields', item, {});
      if (note === undefined && tags === undefined)
        throw fieldError(context, item, 'Update Fields', 'none was added.', 'Add Note or Tags.');
      const changes = {
        ...(note === undefined ? {} : { note: asText(note) === '' ? null : asText(note) }),
        ...(tags === undefined ? {} : { tags: listOf(tags) ?? null }),
      };
      const record = await library.update(id, changes, options);
      return [isTool ? forAgent(record) : simplified(record)];
    }),
};
