import { Menu as Base } from '@base-ui/react/menu';
import type { ReactElement, ReactNode } from 'react';
import styles from './menu.module.css';

export interface MenuProps {
  /** The button that opens it. */
  readonly trigger: ReactElement;
  /** Default false. */
  readonly isOpenAtFirst?: boolean | undefined;
  /** {@link MenuItem}, {@link MenuChoice} and {@link MenuSeparator}. */
  readonly children: ReactNode;
}

export function Menu({ trigger, isOpenAtFirst = false, children }: MenuProps): ReactNode {
  return (
    <Base.Root modal={false} defaultOpen={isOpenAtFirst}>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner sideOffset={6} align="end" className={styles['positioner']}>
          <Base.Popup className={styles['popup']}>{children}</Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}

export interface MenuItemProps {
  readonly onClick?: (() => void) | undefined;
  /** Renders the item as this element, such as a link. */
  readonly render?: ReactElement | undefined;
  readonly isDisabled?: boolean | undefined;
  readonly children: ReactNode;
}

export function MenuItem({ onClick, render, isDisabled = false, children }: MenuItemProps): ReactNode {
  return (
    <Base.Item
      className={styles['item']}
      disabled={isDisabled}
      {...(onClick && { onClick })}
      {...(render && { render })}
    >
      {children}
    </Base.Item>
  );
}

export interface MenuChoiceProps<Value extends string> {
  readonly label: string;
  readonly value: Value;
  readonly options: readonly (readonly [value: Value, label: string])[];
  readonly onChange: (value: Value) => void;
}

/** One of a few, shown with its present value. */
export function MenuChoice<Value extends string>({
  label,
  value,
  options,
  onChange,
}: MenuChoiceProps<Value>): ReactNode {
  return (
    <Base.Group>
      <Base.GroupLabel className={styles['label']}>{label}</Base.GroupLabel>
      <Base.RadioGroup value={value} onValueChange={(next: Value) => onChange(next)}>
        {options.map(([one, text]) => (
          <Base.RadioItem key={one} value={one} className={styles['item']} closeOnClick>
            <Base.RadioItemIndicator keepMounted className={styles['indicator']} />
            {text}
          </Base.RadioItem>
        ))}
      </Base.RadioGroup>
    </Base.Group>
  );
}

export function MenuSeparator(): ReactNode {
  return <Base.Separator className={styles['separator']} />;
}
