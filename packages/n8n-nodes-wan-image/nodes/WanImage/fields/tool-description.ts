import type { INodeProperties } from 'n8n-workflow';

/**
 * What a language model reads about the tool. n8n would make it of the operation's name alone ("Generate an image in Wan Image"), and it
 * leaves this field to a node that has it.
 */
export const toolDescriptionFields: INodeProperties[] = [
  descriptionOf(
    'image',
    'generate',
    'Generates a new image from a text prompt in Chinese or English. Size is a resolution (1K, 2K), a ratio (16:9, 9:16, 1:1) or pixels (1280x720). Each image costs money, so ask for one unless the user wants more. Returns for each image its URL and a Markdown line: show that line to the user unchanged.',
  ),
  descriptionOf(
    'image',
    'edit',
    'Edits images that are given by URL, or by the image_id of an earlier image, as the text prompt says, in Chinese or English. The prompt calls them image 1, image 2 in that order. Each result costs money. Returns for each image its URL and a Markdown line: show that line to the user unchanged.',
  ),
  descriptionOf(
    'generation',
    'getAll',
    'Searches the images that were generated earlier, by words of their prompts, notes and tags. Returns the newest first, each with its id, its prompt, and for each image an image_id and a Markdown line: show that line to the user unchanged. It costs nothing.',
  ),
  descriptionOf(
    'generation',
    'get',
    'Returns an earlier generation by its id: its prompt, and for each image an image_id and a Markdown line, which you show to the user unchanged. It costs nothing.',
  ),
  descriptionOf(
    'generation',
    'rerun',
    'Generates again from an earlier generation, given by its id, with what is to be different, such as another prompt or size. Each image costs money. Returns for each image its URL and a Markdown line: show that line to the user unchanged.',
  ),
];

function descriptionOf(resource: string, operation: string, text: string): INodeProperties {
  return {
    displayName: 'Tool Description',
    name: 'toolDescription',
    type: 'string',
    typeOptions: { rows: 6 },
    default: text,
    required: true,
    displayOptions: { show: { '@tool': [true], resource: [resource], operation: [operation] } },
    description: 'What the language model reads about this tool: what it does, and when to use it',
  };
}
