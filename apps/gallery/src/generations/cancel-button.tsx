import type { GenerationRecord } from '@wan-image/core';
import { useState, type ReactNode } from 'react';
import { Button } from '../ui/button.tsx';
import { CancelDialog } from './cancel-dialog.tsx';
import { useCancel } from './use-actions.ts';

export interface CancelButtonProps {
  readonly record: GenerationRecord;
  /** What a screen reader says, where several stand below each other. */
  readonly label?: string | undefined;
  /** False once it has ended. A dialog that asks already stays until it is closed. */
  readonly isShown?: boolean;
  /** Asks in place of the button, where the button goes as soon as the generation ends. */
  readonly onAsk?: (record: GenerationRecord) => void;
  readonly children: ReactNode;
}

/** Cancels a generation. What was not sent costs nothing; one that was may be billed all the same, so it asks. */
export function CancelButton({ record, label, isShown = true, onAsk, children }: CancelButtonProps): ReactNode {
  const [isAsking, setAsking] = useState(false);
  const cancel = useCancel();
  const press = (): void => {
    if (record.sent_at === null) cancel.mutate(record.id);
    else if (onAsk === undefined) setAsking(true);
    else onAsk(record);
  };
  return (
    <>
      {isShown && (
        <Button aria-label={label} isBusy={cancel.isPending} onClick={press}>
          {children}
        </Button>
      )}
      {isAsking && <CancelDialog record={record} onClose={() => setAsking(false)} />}
    </>
  );
}
