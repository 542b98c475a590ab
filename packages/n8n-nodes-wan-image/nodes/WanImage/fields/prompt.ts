import { MAX_PROMPT_CHARACTERS } from '@wan-image/core/portable';
import type { INodeProperties } from 'n8n-workflow';

export function promptField(placeholder: string): INodeProperties {
  return {
    displayName: 'Prompt',
    name: 'prompt',
    type: 'string',
    typeOptions: { rows: 4 },
    default: '',
    required: true,
    placeholder,
    description: `What to generate, in Chinese or English, at most ${MAX_PROMPT_CHARACTERS} characters`,
  };
}
