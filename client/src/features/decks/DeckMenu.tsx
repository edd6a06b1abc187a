import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';

import type { Deck } from '@/shared/data/decks';
import { baseName, deckSearch } from '@/shared/data/deckNames';
import { type IconName, Menu, MenuItem } from '@/shared/ui';

import type { DeckDialog } from './dialogs';

interface DeckMenuProps {
  deck: Deck;
  onDialog: (dialog: DeckDialog) => void;
}

/** All that can be done with a deck. */
export function DeckMenu({ deck, onDialog }: DeckMenuProps) {
  const { t } = useTranslation('decks');
  const navigate = useNavigate();
  const place = (icon: IconName, name: string, to: string) => (
    <MenuItem icon={icon} onSelect={() => void navigate(to)}>
      {t(`menu.${name}`)}
    </MenuItem>
  );
  const dialog = (icon: IconName, kind: 'rename' | 'description' | 'delete') => (
    <MenuItem icon={icon} danger={kind === 'delete'} onSelect={() => onDialog({ kind, deck })}>
      {t(`menu.${kind}`)}
    </MenuItem>
  );
  const at = `/decks/${deck.id}`;
  return (
    <Menu label={t('menuOf', { name: baseName(deck.name) })}>
      {place('play', 'study', `${at}/study`)}
      {!deck.filtered && place('add', 'add', `${at}/add`)}
      {place('info', 'overview', at)}
      {place('browse', 'browse', `/browse?q=${encodeURIComponent(deckSearch(deck.name))}`)}
      {place('stats', 'stats', `/stats?deck=${deck.id}`)}
      {!deck.filtered && place('settings', 'options', `${at}/options`)}
      {dialog('edit', 'rename')}
      {dialog('info', 'description')}
      {!deck.filtered && (
        <MenuItem icon="add" onSelect={() => onDialog({ kind: 'new', parentId: deck.id })}>
          {t('menu.newSubdeck')}
        </MenuItem>
      )}
      {place('download', 'export', `/export?deck=${deck.id}`)}
      {dialog('trash', 'delete')}
    </Menu>
  );
}
