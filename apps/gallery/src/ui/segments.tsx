import { useId, type ReactNode } from 'react';
import { classes } from './button.tsx';
import styles from './segments.module.css';

interface Segment<Value extends string | number> {
  readonly value: Value;
  readonly label: ReactNode;
  /** Its accessible name and tooltip, where the label is too short. */
  readonly title?: string | undefined;
}

export interface SegmentsProps<Value extends string | number> {
  /** What is chosen. */
  readonly label: string;
  /** Undefined: none of them. */
  readonly value: Value | undefined;
  readonly options: readonly Segment<Value>[];
  readonly onChange: (value: Value) => void;
  /** `grid`: tiles that wrap, instead of one bar. */
  readonly look?: 'bar' | 'grid' | undefined;
}

/** One of a few, all of them visible: a group of radio buttons. */
export function Segments<Value extends string | number>({
  label,
  value,
  options,
  onChange,
  look = 'bar',
}: SegmentsProps<Value>): ReactNode {
  const name = useId();
  return (
    <div role="radiogroup" aria-label={label} className={classes(styles['segments'], styles[look])}>
      {options.map((option) => (
        <label key={option.value} className={styles['segment']} title={option.title}>
          <input
            type="radio"
            className={styles['input']}
            name={name}
            value={option.value}
            checked={option.value === value}
            onChange={() => onChange(option.value)}
            aria-label={option.title}
          />
          {option.label}
        </label>
      ))}
    </div>
  );
}
