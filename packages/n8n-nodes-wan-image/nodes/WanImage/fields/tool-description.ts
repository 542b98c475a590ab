import type { INodeProperties } from 'n8n-workflow';

/**
 * What a language model reads about the tool. n8n would make it of the operation's name alone ("Generate an image in Wan Image"), and it
 * leaves this field to a node that has it.
 */
export const toolDescriptionFields: INodeProperties[] = [
  descriptionOf(
    'generate',
    'Generates a new image from a text prompt in Chinese or English. Size is a resolution (1K, 2K), a ratio (16:9, 9:16, 1:1) or pixels (1280x720). Each image costs money, so ask for one unless the user wants more. Returns for each image its URL and a Markdown line: show that line to the user unchanged.',
  ),
  descriptionOf(
    'edit',
    'Edits images that are given by URL, as the text prompt says, in Chinese or English. The prompt calls them image 1, image 2 in the order of the URLs. Each result costs money. Returns for each image its URL and a Markdown line: show that line to the user unchanged.',
  ),
];

function descriptionOf(operation: string, text: string): INodeProperties {
  return {
    displayName: 'Tool Description',
    name: 'toolDescription',
    type: 'string',
    typeOptions: { rows: 3 },
    default: text,
    required: true,
    displayOptions: { show: { '@tool': [true], resource: ['image'], operation: [operation] } },
    description: 'What the language model reads about this tool: what it does, and when to use it',
  };
}
