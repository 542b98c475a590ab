/** A bigint column as a number: the driver gives text. All that is kept so stays far below 2^53. */
export const wholeNumber = {
  to: (value: number | null): number | null => value,
  from: (value: string | null): number | null => (value === null ? null : Number(value)),
};
