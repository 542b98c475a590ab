import { MODELS } from '@wan-image/core';

/** What may stand in a header, in quotes. */
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
      problem(`${place} leads to ${JSON.stringify(model)}: use one of ${models.join(', ')}.`);
    } else if (models.includes(alias)) {
      problem(`${place} gives another meaning to ${alias}, which is a model itself: choose another name.`);
    } else if (aliases.has(alias)) {
      problem(`${place} has the alias of an entry before it. Give each its own.`);
    } else aliases.set(alias, model);
  }
  return aliases;
}
