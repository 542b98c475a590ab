import { isSizePreset, type SizePreset } from '@wan-image/core';
import { useState, type ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { FieldGroup } from '../ui/field.tsx';
import { Segments } from '../ui/segments.tsx';
import { CustomSize } from './custom-size.tsx';
import { draftStore } from './draft-store.ts';
import styles from './size-picker.module.css';
import {
  choiceOf,
  dimensionsOf,
  effectiveSize,
  shapesOf,
  sizeOf,
  tiersOf,
  type Shape,
  type SizeMode,
} from './sizes.ts';

interface Dimensions {
  readonly width: number;
  readonly height: number;
}

export interface SizePickerProps {
  /** As it was chosen. */
  readonly size: string;
  readonly mode: SizeMode;
  /** Of the last input image; null without one, or if it is unknown. */
  readonly lastInput: Dimensions | null;
  readonly problem: string | null;
}

const CUSTOM = 'custom';

/** Shows the sizes that the contract allows in this mode, by their shape and their pixels. */
export function SizePicker({ size, mode, lastInput, problem }: SizePickerProps): ReactNode {
  const t = useTranslations('create');
  const { hasInputs } = mode;
  const used = effectiveSize(size, mode);
  const [wantsCustom, setWantsCustom] = useState(false);
  const choice = choiceOf(used, hasInputs);
  const isCustom = choice === null || (wantsCustom && !isSizePreset(used));
  const dimensions = dimensionsOf(used, lastInput, hasInputs);
  const setSize = (next: string): void => draftStore.updateSettings({ size: next });
  const chooseTier = (tier: SizePreset | typeof CUSTOM): void => {
    setWantsCustom(tier === CUSTOM);
    const { width, height } = dimensions ?? { width: 2048, height: 2048 };
    if (tier === CUSTOM) setSize(`${width}x${height}`);
    else setSize(sizeOf({ tier, shape: choice?.shape ?? nearestShape(dimensions) }, hasInputs));
  };
  const tiers: readonly (SizePreset | typeof CUSTOM)[] = [...tiersOf(mode), CUSTOM];
  return (
    <FieldGroup label={t('size')} problem={problem} aside={<Pixels dimensions={dimensions} size={used} />}>
      <Segments
        label={t('resolution')}
        value={isCustom ? CUSTOM : choice.tier}
        onChange={chooseTier}
        options={tiers.map((value) => ({ value, label: value === CUSTOM ? t('custom') : value }))}
      />
      {isCustom ? (
        <CustomSize size={used} onChange={setSize} isInvalid={problem !== null} />
      ) : (
        <Segments
          look="grid"
          label={t('shape')}
          value={choice.shape}
          onChange={(shape) => setSize(sizeOf({ tier: choice.tier, shape }, hasInputs))}
          options={shapesOf(mode).map((shape) => ({
            value: shape,
            label: <ShapeLabel shape={shape} lastInput={lastInput} />,
          }))}
        />
      )}
      <Limits mode={mode} size={size} used={used} />
    </FieldGroup>
  );
}

function Pixels({ dimensions, size }: { readonly dimensions: Dimensions | null; readonly size: string }): ReactNode {
  const t = useTranslations('create');
  if (dimensions === null) return isSizePreset(size) && <span className={styles['pixels']}>{t('pixelsUnknown')}</span>;
  const { width, height } = dimensions;
  return <span className={styles['pixels']}>{t('pixels', { width, height })}</span>;
}

function ShapeLabel({ shape, lastInput }: { readonly shape: Shape; readonly lastInput: Dimensions | null }): ReactNode {
  const t = useTranslations('create');
  const ratio = shape === 'input' ? lastInput && `${lastInput.width} / ${lastInput.height}` : shape.replace(':', ' / ');
  const isWide = ratio === null || Number(ratio.split(' / ')[0]) >= Number(ratio.split(' / ')[1]);
  return (
    <>
      <span className={styles['frame']} aria-hidden="true">
        <span
          className={styles['shape']}
          data-dashed={shape === 'input' || undefined}
          style={{ aspectRatio: ratio ?? '1 / 1', ...(isWide ? { width: '1.75rem' } : { height: '1.75rem' }) }}
        />
      </span>
      <span className={styles['name']}>{shape === 'input' ? t('shapeInput') : shape}</span>
    </>
  );
}

/** Why 4K is not offered, and what is used instead if it was chosen. */
function Limits({
  mode,
  size,
  used,
}: {
  readonly mode: SizeMode;
  readonly size: string;
  readonly used: string;
}): ReactNode {
  const t = useTranslations('create');
  if (tiersOf(mode).includes('4K')) return null;
  const reason = mode.hasInputs ? 'input' : mode.isSet ? 'set' : 'model';
  return (
    <p className={styles['limits']} role="status">
      {t(`why4K.${reason}`)} {size !== used && t('sizeReplaced', { wanted: wordOf(size), used: wordOf(used) })}
    </p>
  );
}

function wordOf(size: string): string {
  return size.replace('x', ' × ');
}

/** When a custom size is left for a preset. */
function nearestShape(dimensions: Dimensions | null): Shape {
  if (dimensions === null) return '1:1';
  const ratio = Math.log(dimensions.width / dimensions.height);
  const distance = (shape: Shape): number => {
    const [across = 1, down = 1] = shape.split(':').map(Number);
    return Math.abs(Math.log(across / down) - ratio);
  };
  return shapesOf({ hasInputs: false }).reduce((best, shape) => (distance(shape) < distance(best) ? shape : best));
}
