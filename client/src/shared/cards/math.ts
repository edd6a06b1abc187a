/** `\( \)` and `\[ \]` of a card, as MathML, which needs neither scripts nor styles. */
import DOMPurify from 'dompurify';

const FORMULA = /\\\(([\s\S]+?)\\\)|\\\[([\s\S]+?)\\\]/g;

export function hasMath(html: string): boolean {
  return /\\[([]/.test(html);
}

/** Replace every formula that stands in one piece of text. What is no formula stays as it is. */
export async function renderMath(root: DocumentFragment | Element): Promise<void> {
  const { default: katex } = await import('katex');
  root.normalize();
  for (const text of textNodes(root)) {
    const pieces = split(text.data, (formula, displayMode) => {
      const html = katex.renderToString(formula, {
        output: 'mathml',
        displayMode,
        throwOnError: false,
        maxExpand: 200,
        maxSize: 50,
        trust: false,
      });
      return DOMPurify.sanitize(html, { RETURN_DOM_FRAGMENT: true });
    });
    if (pieces.length > 1) text.replaceWith(...pieces);
  }
}

function split(text: string, render: (formula: string, display: boolean) => Node) {
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
    if (hasMath(text.data)) found.push(text);
  }
  return found;
}
