import { byFolder } from './byFolder';

export default byFolder(
  import.meta.glob<object>('/src/*/*/locales/es.json', { eager: true, import: 'default' }),
);
