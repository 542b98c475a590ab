import type { ErrorComponentProps } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { ProblemMessage } from '../ui/message.tsx';

/** A view that failed, for example because its file could not be loaded. The rest of the page stays usable. */
export function RouteProblem({ error, reset }: ErrorComponentProps): ReactNode {
  return <ProblemMessage error={error} onRetry={reset} />;
}
