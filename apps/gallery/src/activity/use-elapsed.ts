import { useTranslations } from 'use-intl';

/** Writes how long something has lasted. */
export function useElapsed(): (milliseconds: number) => string {
  const t = useTranslations('activity.elapsed');
  return (milliseconds) => {
    // The clock of this device may be behind that of the service.
    const seconds = Math.max(0, Math.floor(milliseconds / 1000));
    const minutes = Math.floor(seconds / 60);
    if (minutes === 0) return t('seconds', { seconds });
    if (minutes < 60) return t('minutes', { minutes, seconds: seconds % 60 });
    return t('hours', { hours: Math.floor(minutes / 60), minutes: minutes % 60 });
  };
}
