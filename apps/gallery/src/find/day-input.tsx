import type { ReactNode } from 'react';
import { isDay, type Day } from '../filter/days.ts';

export interface DayInputProps {
  readonly label: string;
  /** Null: none is set. */
  readonly day: Day | null;
  readonly min?: Day | null;
  readonly max?: Day | null;
  /** Whether it cannot be emptied. */
  readonly isRequired?: boolean;
  readonly className: string | undefined;
  /** Called with a day that there is, or with null if the field was emptied. */
  readonly onChange: (day: Day | null) => unknown;
}

/** A day, which is set when the field is left. Not controlled: while a date is typed, it is none for some time, and must not be taken away. */
export function DayInput({ label, day, min, max, isRequired, className, onChange }: DayInputProps): ReactNode {
  return (
    <label className={className}>
      {label}
      <input
        key={day}
        type="date"
        required={isRequired}
        defaultValue={day ?? ''}
        {...(min && { min })}
        {...(max && { max })}
        onBlur={({ target }) => {
          const next = target.value === '' ? null : target.value;
          if (next !== day && (next === null || isDay(next))) onChange(next);
        }}
        onKeyDown={(event) => event.key === 'Enter' && event.currentTarget.blur()}
      />
    </label>
  );
}
