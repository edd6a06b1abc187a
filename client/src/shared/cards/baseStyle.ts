/** What Anki's reviewer has before a notetype's own style: these rules give way to it.
 *
 * A card that names no colours of its own for the dark gets ours.
 */
export const BASE_STYLE = `
html { color-scheme: light; background: transparent; }
html.night-mode { color-scheme: dark; }
body { margin: 0; padding: 20px; overflow-wrap: break-word; background: transparent; font-family: system-ui, sans-serif; font-size: 20px; }
.card.nightMode { color: #e6edeb; background-color: transparent; }
#qa { position: relative; }
img, video { max-width: 100%; max-height: 95vh; }
hr { background-color: #ccc; margin: 1em; }
.replay-button { display: inline-flex; vertical-align: middle; margin: 3px; cursor: pointer; text-decoration: none; border-radius: 50%; }
.replay-button:focus-visible { outline: 3px solid #0b5fd0; outline-offset: 2px; }
.night-mode .replay-button:focus-visible { outline-color: #9cc7ff; }
.replay-button svg { width: 40px; height: 40px; }
.replay-button circle { fill: #fff; stroke: #414141; }
.replay-button path { fill: #414141; }
.typeGood { background: #afa; color: #000; }
.typeBad { background: #faa; color: #000; }
.typeMissed { background: #ccc; color: #000; }
#typeans { display: block; box-sizing: border-box; width: 100%; line-height: 1.75; font-size: 1em; white-space: pre-wrap; }
.drawing { max-width: 100%; }
math { font-size: 1.1em; }
`;
