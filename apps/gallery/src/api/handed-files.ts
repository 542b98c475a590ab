let files: readonly File[] = [];

/** Files that one view hands to another, such as a dropped image that becomes an input. They do not fit into a URL. */
export const handedFiles = {
  /** Call it before navigating. */
  hand(next: readonly File[]): void {
    files = next;
  },
  /** The files, once. */
  receive(): readonly File[] {
    const received = files;
    files = [];
    return received;
  },
};
