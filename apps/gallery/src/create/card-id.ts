/** The id of the element that shows a generation. */
export function cardIdOf(generationId: string): string {
  return `generation-${generationId}`;
}
