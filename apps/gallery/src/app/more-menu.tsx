import { useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { useService } from '../api/service.ts';
import { useSignOut } from './session.ts';
import { LANGUAGE_NAMES, languagePreference } from '../i18n/language.ts';
import { IconButton } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import { Menu, MenuChoice, MenuItem, MenuSeparator } from '../ui/menu.tsx';
import { forgetSession } from './forget-session.ts';
import { usePreference } from '../page/preference.ts';
import { themePreference, THEMES } from '../page/theme.ts';

export function MoreMenu({ isOpen }: { readonly isOpen: boolean }): ReactNode {
  const t = useTranslations('app');
  const navigate = useNavigate();
  const { data: service } = useService();
  const signOut = useSignOut(forgetSession);
  return (
    <Menu
      isOpenAtFirst={isOpen}
      trigger={
        <IconButton label={t('more')}>
          <Icon name="menu" />
        </IconButton>
      }
    >
      <MenuItem onClick={() => void navigate({ to: '/', search: { deleted: true } })}>
        <Icon name="bin" />
        {t('bin')}
      </MenuItem>
      <MenuItem onClick={() => void navigate({ to: '/settings' })}>
        <Icon name="settings" />
        {t('settings')}
      </MenuItem>
      <MenuItem render={<a href="/docs" target="_blank" rel="noreferrer" />}>
        <Icon name="info" />
        {t('documentation')}
      </MenuItem>
      <MenuSeparator />
      <MenuChoice
        label={t('language')}
        value={usePreference(languagePreference)}
        onChange={languagePreference.set}
        options={LANGUAGE_NAMES}
      />
      <MenuChoice
        label={t('theme')}
        value={usePreference(themePreference)}
        onChange={themePreference.set}
        options={THEMES.map((theme) => [theme, t(`themes.${theme}`)])}
      />
      {service?.key_required === true && (
        <>
          <MenuSeparator />
          <MenuItem onClick={() => signOut.mutate()}>
            <Icon name="signOut" />
            {t('signOut')}
          </MenuItem>
        </>
      )}
    </Menu>
  );
}
