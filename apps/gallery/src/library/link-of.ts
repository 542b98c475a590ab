/** The link of an image that is rendered. */
export function linkOf(imageId: string, within: ParentNode | null): HTMLElement | null {
  return within?.querySelector<HTMLElement>(`[data-cell="${CSS.escape(imageId)}"] a`) ?? null;
}
