import { useId, type ReactNode } from 'react';
import { classes } from './button.tsx';
import styles from './field.module.css';

/** What connects a control to its words. */
interface FieldControl {
  readonly id: string;
  readonly 'aria-describedby': string | undefined;
  readonly 'aria-invalid': boolean;
}

export interface FieldProps {
  readonly label: string;
  /** Beside the label, such as a count. */
  readonly aside?: ReactNode;
  readonly hint?: ReactNode;
  /** What is wrong with the value, and what to do. */
  readonly problem?: string | null | undefined;
  readonly children: (control: FieldControl) => ReactNode;
}

/** A control with its label, a hint, and what is wrong with its value. */
export function Field({ label, aside, hint, problem = null, children }: FieldProps): ReactNode {
  const id = useId();
  const notes = [hint ? `${id}-hint` : null, problem === null ? null : `${id}-problem`].filter((one) => one !== null);
  const control = {
    id,
    'aria-describedby': notes.length === 0 ? undefined : notes.join(' '),
    'aria-invalid': problem !== null,
  };
  return (
    <div className={styles['field']}>
      <div className={styles['head']}>
        <label className={styles['label']} htmlFor={id}>
          {label}
        </label>
        {aside}
      </div>
      {children(control)}
      {hint && (
        <p id={`${id}-hint`} className={styles['hint']}>
          {hint}
        </p>
      )}
      <Problem id={`${id}-problem`} text={problem} />
    </div>
  );
}

export interface FieldGroupProps extends Omit<FieldProps, 'children'> {
  readonly className?: string | undefined;
  readonly children: ReactNode;
}

/** Several controls under one label. */
export function FieldGroup({ label, aside, hint, problem = null, className, children }: FieldGroupProps): ReactNode {
  const id = useId();
  return (
    <div
      role="group"
      aria-labelledby={id}
      aria-describedby={problem === null ? undefined : `${id}-problem`}
      className={classes(styles['field'], className)}
    >
      <div className={styles['head']}>
        <span id={id} className={styles['label']}>
          {label}
        </span>
        {aside}
      </div>
      {children}
      {hint && <p className={styles['hint']}>{hint}</p>}
      <Problem id={`${id}-problem`} text={problem} />
    </div>
  );
}

function Problem({ id, text }: { readonly id: string; readonly text: string | null }): ReactNode {
  return (
    <p id={id} className={styles['problem']} role="alert" hidden={text === null}>
      {text}
    </p>
  );
}
