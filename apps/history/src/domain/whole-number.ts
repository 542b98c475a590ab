/** Maps a bigint column to a number: the driver returns text. All values stored this way stay far below 2^53. */
export const wholeNumber = {
  to: (value: number | null): number | null => value,
  from: (value: string | null): number | null => (value === null ? null : Number(value)),
};
