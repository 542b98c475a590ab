import { useId, type ReactNode } from 'react';
import styles from './form.module.css';

export interface ChoiceProps {
  readonly label: string;
  readonly hint: string;
  readonly isChecked: boolean;
  readonly isDisabled?: boolean | undefined;
  readonly onChange: (isChecked: boolean) => void;
}

/** Something that is on or off. */
export function Choice({ label, hint, isChecked, isDisabled = false, onChange }: ChoiceProps): ReactNode {
  const id = useId();
  return (
    <label className={styles['choice']} data-disabled={isDisabled || undefined}>
      <input
        type="checkbox"
        checked={isChecked}
        disabled={isDisabled}
        aria-labelledby={`${id}-label`}
        aria-describedby={`${id}-hint`}
        onChange={(event) => onChange(event.target.checked)}
      />
      <span>
        <span id={`${id}-label`} className={styles['choiceLabel']}>
          {label}
        </span>
        <span id={`${id}-hint`} className={styles['note']}>
          {hint}
        </span>
      </span>
    </label>
  );
}
