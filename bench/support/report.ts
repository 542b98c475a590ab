/** One line of the result of a bench. */
export interface Row {
  readonly work: string;
  readonly measure: string;
  readonly value: number;
  readonly unit: string;
  /** What the value is compared with; null for an absolute figure. */
  readonly peer: string | null;
  /** An upper limit, or a lower one where more is better; null for a row that only informs. */
  readonly target: number | null;
  readonly met: boolean | null;
}

export function row(facts: Omit<Row, 'met' | 'value'> & { readonly value: number }): Row {
  const { work, measure, value, unit, peer, target } = facts;
  const rounded = Number(value.toPrecision(3));
  return { work, measure, value: rounded, unit, peer, target, met: target === null ? null : value <= target };
}

/** A row whose value is better the higher it is. */
export function rowOfMore(facts: Parameters<typeof row>[0]): Row {
  const { value, target } = facts;
  return { ...row(facts), met: target === null ? null : value >= target };
}

/** The value below which that fraction of the values lies; NaN for no values. */
export function quantile(values: readonly number[], fraction: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * fraction))] ?? Number.NaN;
}

/** NaN for no values. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low = Number.NaN, high = Number.NaN] = [sorted[middle - 1 + (sorted.length % 2)], sorted[middle]];
  return (low + high) / 2;
}

/** Columns as wide as their widest cell, with numbers aligned to the right. */
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
