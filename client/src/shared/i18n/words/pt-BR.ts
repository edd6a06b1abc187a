import { byFolder } from './byFolder';

export default byFolder(
  import.meta.glob<object>('/src/*/*/locales/pt-BR.json', { eager: true, import: 'default' }),
);
