import { useId, type ReactNode } from 'react';
import { valuesOf, withValues, type ListName } from '../filter/active-filters.ts';
import styles from './filter-menu.module.css';
import { useLibrarySearch } from '../filter/use-library-search.ts';

export interface ChoiceFilterProps {
  readonly name: ListName;
  readonly legend: string;
  readonly hint?: string | undefined;
  readonly options: readonly (readonly [value: string, label: string, amount?: string])[];
  /** Further controls below the options. */
  readonly children?: ReactNode;
}

/** A part of the filter that has several values, as boxes to check. */
export function ChoiceFilter({ name, legend, hint, options, children }: ChoiceFilterProps): ReactNode {
  const [search, change] = useLibrarySearch();
  const chosen = valuesOf(search, name);
  const toggle = (value: string, isOn: boolean): void =>
    change(withValues(search, name, isOn ? [...chosen, value] : chosen.filter((one) => one !== value)));
  return (
    <fieldset className={styles['section']}>
      <legend className={styles['legend']}>
        {legend}
        {hint !== undefined && <span className={styles['hint']}> {hint}</span>}
      </legend>
      {options.map(([value, label, amount]) => (
        <label key={value} className={styles['option']}>
          <input
            type="checkbox"
            checked={chosen.includes(value)}
            onChange={(event) => toggle(value, event.target.checked)}
          />
          <span className={styles['label']}>{label}</span>
          {amount !== undefined && <span className={styles['amount']}>{amount}</span>}
        </label>
      ))}
      {children}
    </fieldset>
  );
}

export interface OneOfFilterProps<Value> {
  readonly legend: string;
  readonly value: Value;
  readonly options: readonly (readonly [value: Value, label: string])[];
  readonly onChange: (value: Value) => void;
}

/** A part of the filter that has one value. */
export function OneOfFilter<Value>({ legend, value, options, onChange }: OneOfFilterProps<Value>): ReactNode {
  const name = useId();
  return (
    <fieldset className={styles['section']}>
      <legend className={styles['legend']}>{legend}</legend>
      {options.map(([one, label]) => (
        <label key={label} className={styles['option']}>
          <input type="radio" name={name} checked={one === value} onChange={() => onChange(one)} />
          <span className={styles['label']}>{label}</span>
        </label>
      ))}
    </fieldset>
  );
}
