/** The prompts that an empty form offers, in the language of the page. */
export const EXAMPLES = ['first', 'second', 'third'] as const;
