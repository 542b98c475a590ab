import { MODELS } from '@wan-image/core';

/** Characters that are safe in a quoted header value. */
const NAME = /^[\w./:-]{1,64}$/;

/** Reads `<alias>=<model>[,<alias>=<model>…]`. */
export function readModelAliases(text: string | null, problem: (message: string) => void): ReadonlyMap<string, string> {
  const aliases = new Map<string, string>();
  const models: readonly string[] = MODELS;
  for (const [index, entry] of (text?.split(',') ?? []).entries()) {
    const [alias = '', model = '', ...rest] = entry.split('=').map((part) => part.trim());
    const place = `MODEL_ALIASES: entry ${index + 1}`;
    if (!NAME.test(alias) || rest.length > 0) {
      problem(
        `${place} must be <alias>=<model>, with an alias of 1 to 64 letters, digits, ".", "/", ":", "-" or "_", such as gpt-image-1=wan2.7-image-pro.`,
      );
    } else if (!models.includes(model)) {
      problem(`${place} maps to ${JSON.stringify(model)}. Use one of ${models.join(', ')}.`);
    } else if (models.includes(alias)) {
      problem(`${place} redefines ${alias}, which is a model. Choose another alias.`);
    } else if (aliases.has(alias)) {
      problem(`${place} repeats an alias. Each alias must be unique.`);
    } else aliases.set(alias, model);
  }
  return aliases;
}
