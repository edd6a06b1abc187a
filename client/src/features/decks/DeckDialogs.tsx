import { useQuery } from '@tanstack/react-query';

import { decksQuery } from '@/shared/data/decks';

import { DeleteDialog } from './DeleteDialog';
import { DescriptionDialog } from './DescriptionDialog';
import type { DeckDialog } from './dialogs';
import { NameDialog } from './NameDialog';

interface DeckDialogsProps {
  dialog: DeckDialog | null;
  onClose: () => void;
  onDeleted?: (() => void) | undefined;
}

/** The dialog that is open, if any. */
export function DeckDialogs({ dialog, onClose, onDeleted }: DeckDialogsProps) {
  const { data } = useQuery(decksQuery);
  const decks = data?.decks ?? [];
  switch (dialog?.kind) {
    case 'new':
      return <NameDialog parentId={dialog.parentId} decks={decks} onClose={onClose} />;
    case 'rename':
      return (
        <NameDialog
          deck={dialog.deck}
          parentId={dialog.deck.parent_id}
          decks={decks}
          onClose={onClose}
        />
      );
    case 'description':
      return <DescriptionDialog deck={dialog.deck} onClose={onClose} />;
    case 'delete':
      return (
        <DeleteDialog deck={dialog.deck} decks={decks} onClose={onClose} onDeleted={onDeleted} />
      );
    case undefined:
      return null;
  }
}
