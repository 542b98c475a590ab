import { isWanImageError } from '@wan-image/core';
import { useEffect, useEffectEvent, useRef, useState, type FormEvent, type ReactNode, type RefObject } from 'react';
import { cardIdOf } from './card-id.ts';
import { CountField } from './count-field.tsx';
import { lastInputSize, type Draft } from './draft.ts';
import { useDraft } from './draft-store.ts';
import styles from './form.module.css';
import { InputImages } from './input-images.tsx';
import { ModelField } from './model-field.tsx';
import { OptionsField } from './options-field.tsx';
import { OriginNote } from './origin-note.tsx';
import { ruleOf, useProblemWords } from './problem-words.ts';
import { PromptField } from './prompt-field.tsx';
import {
  isFaultless,
  NO_PROBLEMS,
  problemsOfDraft,
  problemsOfParam,
  type DraftProblems,
  type Field,
} from './request-problems.ts';
import { SeedField } from './seed-field.tsx';
import { SizePicker } from './size-picker.tsx';
import { SubmitBar } from './submit-bar.tsx';
import { createPressGuard } from '../generations/paid.ts';
import { useSubmit } from './submit.ts';

/** The form of a request. What is wrong with it is said at the field, before anything is sent. */
export function CreateForm(): ReactNode {
  const draft = useDraft();
  const submit = useSubmit();
  const [wasTried, setTried] = useState(false);
  const found = problemsOfDraft(draft);
  const refused = useRefusedFields(submit.error, draft);
  const problems = together(visible(found, wasTried), refused ?? NO_PROBLEMS);
  const form = useRef<HTMLFormElement>(null);
  const isNewPress = usePressGuard(form);
  const send = (): void => {
    const isNew = isNewPress();
    // A double click, and a key that is held, are one press. After a failure, the next one tries again.
    if (submit.isPending || (submit.isSuccess && !isNew)) return;
    setTried(!isFaultless(found));
    if (isFaultless(found))
      submit.mutate(undefined, { onSuccess: ({ id }) => requestAnimationFrame(() => showCard(id)) });
    else requestAnimationFrame(() => showFirstProblem(form.current));
  };
  useControlEnter(form, send);
  return (
    <form
      ref={form}
      className={styles['form']}
      noValidate
      onSubmit={(event: FormEvent) => {
        // For React, a dialog that a field opens is within the form; in the document it is not.
        if (event.target !== event.currentTarget) return;
        event.preventDefault();
        send();
      }}
    >
      <Fields draft={draft} problems={problems} />
      <SubmitBar
        draft={draft}
        isPending={submit.isPending}
        error={refused === null ? submit.error : null}
        hasProblems={wasTried && !isFaultless(found)}
      />
    </form>
  );
}

/** On a phone, the results are below the form. */
function showCard(id: string): void {
  const isCalm = matchMedia('(prefers-reduced-motion: reduce)').matches;
  document.getElementById(cardIdOf(id))?.scrollIntoView({ block: 'nearest', behavior: isCalm ? 'auto' : 'smooth' });
}

/** Moves the focus to the field that must be changed or, where that is no control, shows what is wrong. */
function showFirstProblem(form: HTMLFormElement | null): void {
  form?.querySelector('[role="alert"]:not([hidden])')?.scrollIntoView({ block: 'center' });
  form?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
}

/** Tells a press from the repetitions of one. Whoever has touched anything else in the form since means another one. */
function usePressGuard(form: RefObject<HTMLFormElement | null>): () => boolean {
  const guard = useRef(createPressGuard());
  useEffect(() => {
    const element = form.current;
    if (element === null) return undefined;
    const end = new AbortController();
    const renew = ({ target }: Event): void => {
      if (target instanceof Element && target.closest('[type="submit"]') === null) guard.current = createPressGuard();
    };
    for (const name of ['input', 'click']) element.addEventListener(name, renew, { signal: end.signal });
    return () => end.abort();
  }, [form]);
  return () => guard.current();
}

/** Sends by Ctrl+Enter, and ⌘+Enter, from every field. */
function useControlEnter(form: RefObject<HTMLFormElement | null>, send: () => void): void {
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    const isSend = event.key === 'Enter' && (event.ctrlKey || event.metaKey) && !event.isComposing;
    if (!isSend || !(event.target instanceof Node) || form.current?.contains(event.target) !== true) return;
    event.preventDefault();
    if (!event.repeat) send();
  });
  useEffect(() => {
    const listener = (event: KeyboardEvent): void => onKey(event);
    document.addEventListener('keydown', listener);
    return () => document.removeEventListener('keydown', listener);
  }, []);
}

function Fields({ draft, problems }: { readonly draft: Draft; readonly problems: DraftProblems }): ReactNode {
  const words = useProblemWords();
  const { settings, inputs, origin } = draft;
  const hasInputs = inputs.length > 0;
  const problemOf = (field: Field): string | null => {
    const message = problems.fields[field];
    return message === undefined ? null : words(message);
  };
  return (
    <>
      {origin !== null && <OriginNote origin={origin} />}
      <PromptField prompt={settings.prompt} hasInputs={hasInputs} problem={problemOf('prompt')} />
      <InputImages inputs={inputs} problem={problemOf('image')} problems={problems.inputs} />
      <ModelField model={settings.model} />
      <SizePicker
        size={settings.size}
        mode={{ ...settings, hasInputs }}
        lastInput={lastInputSize(inputs)}
        problem={problemOf('size')}
      />
      <CountField settings={settings} />
      <OptionsField settings={settings} hasInputs={hasInputs} />
      <SeedField seed={settings.seed} isLocked={settings.isSeedLocked} problem={problemOf('seed')} />
    </>
  );
}

/** An empty prompt is no mistake until somebody wants to send it. */
function visible(found: DraftProblems, wasTried: boolean): DraftProblems {
  if (wasTried || ruleOf(found.fields.prompt ?? '')?.rule !== 'promptEmpty') return found;
  const { prompt: _empty, ...fields } = found.fields;
  return { ...found, fields };
}

/** What the service refused at a field, for as long as the form is as it was sent; null if it refused nothing, or the request in general. */
function useRefusedFields(error: unknown, draft: Draft): DraftProblems | null {
  const [seen, setSeen] = useState<{ readonly error: unknown; readonly draft: Draft } | null>(null);
  if (error && seen?.error !== error) setSeen({ error, draft });
  if (!isWanImageError(error) || error.param === null || (seen !== null && seen.draft !== draft)) return null;
  return problemsOfParam(error.param, error.serverMessage ?? error.message, draft.inputs);
}

function together(a: DraftProblems, b: DraftProblems): DraftProblems {
  return { fields: { ...b.fields, ...a.fields }, inputs: new Map([...b.inputs, ...a.inputs]) };
}
