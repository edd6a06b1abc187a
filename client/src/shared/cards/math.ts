/** `\( \)` and `\[ \]` of a card, as MathML, which needs neither scripts nor styles. */
import { sanitizer } from './workshop';

const FORMULA = /\\\(([\s\S]+?)\\\)|\\\[([\s\S]+?)\\\]/g;
// Where text is shown as it is written.
const LITERAL = 'pre, code, style';
const CHEMISTRY = /\\(?:ce|pu)\b/;

type Katex = typeof import('katex').default;

export function hasMath(html: string): boolean {
  return /\\[([]/.test(html);
}

/** Replace every formula that stands in one piece of text. What is no formula stays as it is. */
export async function renderMath(root: DocumentFragment | Element): Promise<void> {
  const { default: katex } = await import('katex');
  if (CHEMISTRY.test(root.textContent)) await import('katex/contrib/mhchem');
  root.normalize();
  for (const text of textNodes(root)) {
    const pieces = split(text.data, (formula, isDisplayed) => asNodes(katex, formula, isDisplayed));
    if (pieces.length > 1) text.replaceWith(...pieces);
  }
}

function asNodes(katex: Katex, formula: string, displayMode: boolean): Node {
  const html = katex.renderToString(formula, {
    output: 'mathml',
    displayMode,
    throwOnError: false,
    maxExpand: 200,
    maxSize: 50,
    trust: false,
  });
  return sanitizer().sanitize(html, {
    RETURN_DOM_FRAGMENT: true,
    USE_PROFILES: { mathMl: true, html: true },
    ADD_TAGS: ['semantics', 'mprescripts', 'none'],
    ADD_FORBID_CONTENTS: ['annotation'], // the formula as it was written
  });
}

function split(text: string, render: (formula: string, isDisplayed: boolean) => Node) {
  const pieces: (string | Node)[] = [];
  let end = 0;
  for (const match of text.matchAll(FORMULA)) {
    pieces.push(text.slice(end, match.index));
    pieces.push(render(match[1] ?? match[2] ?? '', match[2] !== undefined));
    end = match.index + match[0].length;
  }
  return [...pieces, text.slice(end)];
}

function textNodes(root: Node): Text[] {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const found: Text[] = [];
  while (walker.nextNode()) {
    const text = walker.currentNode as Text;
    if (hasMath(text.data) && !text.parentElement?.closest(LITERAL)) found.push(text);
  }
  return found;
}
