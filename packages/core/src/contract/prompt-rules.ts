import { MAX_PROMPT_CHARACTERS } from './limits.ts';

/** The problem of a prompt, or null. Characters are Unicode code points (ruling 2): an emoji counts as one. */
export function promptProblem(prompt: string): string | null {
  if (/^\s*$/u.test(prompt)) {
    return `prompt is empty: describe the image in 1 to ${MAX_PROMPT_CHARACTERS} characters.`;
  }
  const characters = countCodePoints(prompt);
  if (characters > MAX_PROMPT_CHARACTERS) {
    const surplus = characters - MAX_PROMPT_CHARACTERS;
    return `prompt has ${characters} characters, at most ${MAX_PROMPT_CHARACTERS} are allowed: shorten it by ${surplus}.`;
  }
  return null;
}

function countCodePoints(text: string): number {
  // A code point has at least one UTF-16 unit, so a short text needs no count.
  if (text.length <= MAX_PROMPT_CHARACTERS) return text.length;
  let count = 0;
  for (const _character of text) count++;
  return count;
}
