import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';

import { Menu, MenuItem } from '@/shared/ui';

import type { StudyCard } from './api';
import type { CardActions } from './useCardActions';

interface StudyMenuProps {
  deckId: number;
  card: StudyCard | undefined;
  actions: CardActions;
  allowsRemote: boolean;
  onToggleRemote: () => void;
  onEdit: () => void;
  onFlag: () => void;
  onKeys: () => void;
  onInfo: () => void;
  isAdvancing: boolean;
  onToggleAdvance: () => void;
}

/** All that the keys do, for hands without them, and what belongs to the deck. */
export function StudyMenu(props: StudyMenuProps) {
  const { deckId, card, actions, allowsRemote } = props;
  const { t } = useTranslation('study');
  const navigate = useNavigate();
  return (
    <Menu label={t('more')}>
      {card && (
        <>
          <MenuItem icon="edit" onSelect={props.onEdit}>
            {t('edit')}
          </MenuItem>
          <MenuItem icon="flag" onSelect={props.onFlag}>
            {t('flag')}
          </MenuItem>
          <MenuItem icon="star" onSelect={actions.mark}>
            {t(card.marked ? 'unmark' : 'mark')}
          </MenuItem>
          <MenuItem icon="bury" onSelect={actions.bury}>
            {t('bury')}
          </MenuItem>
          <MenuItem icon="bury" onSelect={actions.buryNote}>
            {t('buryNote')}
          </MenuItem>
          <MenuItem icon="suspend" onSelect={actions.suspend}>
            {t('suspend')}
          </MenuItem>
          <MenuItem icon="info" onSelect={props.onInfo}>
            {t('info')}
          </MenuItem>
          {card.options.auto_advance && (
            <MenuItem icon="play" onSelect={props.onToggleAdvance}>
              {t(props.isAdvancing ? 'advance.stop' : 'advance.start')}
            </MenuItem>
          )}
        </>
      )}
      <MenuItem icon="settings" onSelect={() => void navigate(`/decks/${deckId}/options`)}>
        {t('options')}
      </MenuItem>
      <MenuItem icon="browse" onSelect={props.onToggleRemote}>
        {t(allowsRemote ? 'forbidRemote' : 'allowRemote')}
      </MenuItem>
      <MenuItem icon="keyboard" onSelect={props.onKeys}>
        {t('keys')}
      </MenuItem>
    </Menu>
  );
}
