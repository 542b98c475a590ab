/** One line of a bench's result. */
export interface Row {
  readonly work: string;
  readonly measure: string;
  readonly value: number;
  readonly unit: string;
  /** What it is compared with; null for a figure of its own. */
  readonly peer: string | null;
  /** At most this, or at least where more is better; null where a row only informs. */
  readonly target: number | null;
  readonly met: boolean | null;
}

export function row(facts: Omit<Row, 'met' | 'value'> & { readonly value: number }): Row {
  const { work, measure, value, unit, peer, target } = facts;
  const rounded = Number(value.toPrecision(3));
  return { work, measure, value: rounded, unit, peer, target, met: target === null ? null : value <= target };
}

/** A row of which more is better. */
export function rowOfMore(facts: Parameters<typeof row>[0]): Row {
  const { value, target } = facts;
  return { ...row(facts), met: target === null ? null : value >= target };
}

/** The value below which that part of the values is; NaN of nothing. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}

/** The median; NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low = Number.NaN, high = Number.NaN] = [sorted[middle - 1 + (sorted.length % 2)], sorted[middle]];
  return (low + high) / 2;
}

/** Columns as wide as their widest cell; numbers to the right. */
export function table(head: readonly string[], lines: readonly (readonly string[])[]): string {
  const all = [head, ...lines];
  const widths = head.map((_, column) => Math.max(...all.map((line) => line[column]?.length ?? 0)));
  const text = all.map((line) =>
    widths
      .map((width, column) => {
        const cell = line[column] ?? '';
        return /^-?[\d.,]+$/.test(cell) ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd(),
  );
  return `${text.join('\n')}\n`;
}

export function rowsTable(rows: readonly Row[]): string {
  return table(
    ['work', 'measure', 'value', 'unit', 'peer', 'target', 'met'],
    rows.map(({ work, measure, value, unit, peer, target, met }) => [
      work,
      measure,
      String(value),
      unit,
      peer ?? '',
      target === null ? '' : String(target),
      met === null ? '' : met ? 'yes' : 'NO',
    ]),
  );
}
