import type { Action } from '../api';
import { DeleteDialog } from './DeleteDialog';
import { DueDialog } from './DueDialog';
import { MoveDialog } from './MoveDialog';
import { RepositionDialog } from './RepositionDialog';
import { ResetDialog } from './ResetDialog';
import { TagsDialog } from './TagsDialog';

export type DialogName =
  'move' | 'add_tags' | 'remove_tags' | 'set_due' | 'reset' | 'reposition' | 'delete';

export interface DialogProps {
  /** How many cards it is about. */
  count: number;
  isBusy: boolean;
  error: unknown;
  onAct: (action: Action) => void;
  onClose: () => void;
}

/** What an action needs to know, or whether it is meant. */
export function ActionDialog({ name, ...props }: DialogProps & { name: DialogName }) {
  switch (name) {
    case 'move':
      return <MoveDialog {...props} />;
    case 'add_tags':
    case 'remove_tags':
      return <TagsDialog action={name} {...props} />;
    case 'set_due':
      return <DueDialog {...props} />;
    case 'reset':
      return <ResetDialog {...props} />;
    case 'reposition':
      return <RepositionDialog {...props} />;
    case 'delete':
      return <DeleteDialog {...props} />;
  }
}
