import { byFolder } from './byFolder';

export default byFolder(
  import.meta.glob<object>('/src/*/*/locales/en.json', { eager: true, import: 'default' }),
);
