import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { fieldError } from '@/shared/api/errors';
import { TagField } from '@/shared/data/TagField';

import type { DialogProps } from './ActionDialog';
import { ActionForm } from './ActionForm';

interface TagsDialogProps extends DialogProps {
  action: 'add_tags' | 'remove_tags';
}

export function TagsDialog({ action, count, onAct, ...rest }: TagsDialogProps) {
  const { t } = useTranslation('browse');
  const [tags, setTags] = useState<string[]>([]);
  return (
    <ActionForm
      {...rest}
      title={t(`${action}.title`, { count })}
      submit={t(`${action}.submit`)}
      ownField="tags"
      // What is still being written becomes a tag when the field is left, which is before a click.
      onSubmit={() => tags.length > 0 && onAct({ action, tags })}
    >
      <TagField tags={tags} onChange={setTags} error={fieldError(rest.error, 'tags')} />
      {action === 'remove_tags' && <p>{t('remove_tags.below')}</p>}
    </ActionForm>
  );
}
