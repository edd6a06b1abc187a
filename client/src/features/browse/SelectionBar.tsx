import { useTranslation } from 'react-i18next';

import { Button, Icon, Menu, MenuItem } from '@/shared/ui';

import type { Action } from './api';
import styles from './SelectionBar.module.css';
import flagStyles from './cells.module.css';
import type { DialogName } from './dialogs/ActionDialog';
import { FLAGS } from './filters';

interface SelectionBarProps {
  /** Only the signs of the actions are in sight. */
  isShort: boolean;
  isBusy: boolean;
  onAct: (action: Action) => void;
  /** What has to be asked first. */
  onAsk: (dialog: DialogName) => void;
}

/** What can be done with the chosen cards. */
export function SelectionBar({ isShort, isBusy, onAct, onAsk }: SelectionBarProps) {
  const { t } = useTranslation('browse');
  return (
    <div className={styles.bar} role="toolbar" aria-label={t('actions.title')} aria-busy={isBusy}>
      <Button
        icon="suspend"
        iconOnly={isShort}
        kind="quiet"
        onClick={() => onAct({ action: 'suspend' })}
      >
        {t('actions.suspend')}
      </Button>
      <Button icon="bury" iconOnly={isShort} kind="quiet" onClick={() => onAct({ action: 'bury' })}>
        {t('actions.bury')}
      </Button>
      <Button icon="decks" iconOnly={isShort} kind="quiet" onClick={() => onAsk('move')}>
        {t('actions.move')}
      </Button>
      <Button icon="tag" iconOnly={isShort} kind="quiet" onClick={() => onAsk('add_tags')}>
        {t('actions.add_tags')}
      </Button>
      <Menu label={t('actions.flag')} icon="flag" showLabel={!isShort}>
        {[...FLAGS, 0].map((value) => (
          <MenuItem key={value} onSelect={() => onAct({ action: 'flag', value })}>
            <span className={flagStyles[`flag${value}`]}>
              <Icon name="flag" filled={value > 0} />
            </span>
            {t(`flags.${value}`)}
          </MenuItem>
        ))}
      </Menu>
      <Menu label={t('actions.more')} showLabel={!isShort}>
        <MenuItem icon="play" onSelect={() => onAct({ action: 'unsuspend' })}>
          {t('actions.unsuspend')}
        </MenuItem>
        <MenuItem icon="undo" onSelect={() => onAct({ action: 'unbury' })}>
          {t('actions.unbury')}
        </MenuItem>
        <MenuItem icon="tag" onSelect={() => onAsk('remove_tags')}>
          {t('actions.remove_tags')}
        </MenuItem>
        <MenuItem icon="history" onSelect={() => onAsk('set_due')}>
          {t('actions.set_due')}
        </MenuItem>
        <MenuItem icon="sync" onSelect={() => onAsk('reset')}>
          {t('actions.reset')}
        </MenuItem>
        <MenuItem icon="columns" onSelect={() => onAsk('reposition')}>
          {t('actions.reposition')}
        </MenuItem>
        <MenuItem icon="trash" danger onSelect={() => onAsk('delete')}>
          {t('actions.delete')}
        </MenuItem>
      </Menu>
    </div>
  );
}
