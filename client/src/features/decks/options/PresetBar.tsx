import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { Deck } from '@/shared/data/decks';
import { Menu, MenuItem, Select } from '@/shared/ui';

import { DEFAULT_PRESET, type Preset } from './api';
import styles from './options.module.css';
import { type PresetDialogKind, PresetDialog } from './PresetDialog';
import type { Options } from './useOptions';

interface PresetBarProps {
  deck: Deck;
  presets: readonly Preset[];
  options: Options;
}

/** Which preset the deck uses, and who else does. */
export function PresetBar({ deck, presets, options }: PresetBarProps) {
  const { t } = useTranslation('decks');
  const [dialog, setDialog] = useState<PresetDialogKind | null>(null);
  const { preset } = options;
  if (!preset) return null;
  const others = preset.deck_ids.filter((id) => id !== deck.id).length;
  return (
    <section className={styles.group}>
      <div className={styles.preset}>
        <Select
          label={t('options.preset')}
          hint={others > 0 ? t('options.shared', { count: others }) : t('options.notShared')}
          value={String(preset.id)}
          options={presets.map((one) => ({ value: String(one.id), label: one.name }))}
          onChange={(id) => options.choosePreset(Number(id))}
        />
        <Menu label={t('options.presetMenu')}>
          <MenuItem icon="add" onSelect={() => setDialog('add')}>
            {t('options.addPreset')}
          </MenuItem>
          <MenuItem icon="decks" onSelect={() => setDialog('copy')}>
            {t('options.copyPreset')}
          </MenuItem>
          <MenuItem icon="edit" onSelect={() => setDialog('rename')}>
            {t('options.renamePreset')}
          </MenuItem>
          <MenuItem
            icon="trash"
            danger
            disabled={preset.id === DEFAULT_PRESET}
            onSelect={() => setDialog('delete')}
          >
            {t('options.deletePreset')}
          </MenuItem>
        </Menu>
      </div>
      {dialog && (
        <PresetDialog
          kind={dialog}
          preset={preset}
          onChosen={options.choosePreset}
          onClose={() => setDialog(null)}
        />
      )}
    </section>
  );
}
