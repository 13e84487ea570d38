/* global PROCEDURES */
// The procedure as a picture: drawn at build time from the definition of the state machine, marked here by class.
import { html } from 'htm/preact';
import { useEffect, useState } from 'preact/hooks';
import { get } from '../api.js';
import { procedure } from '../rules.js';
import { known, t } from '../words.js';

let drawn = null;
const EDGE = 14;
/** A line's words, broken into at most two lines that fit a box. */
function lines(text) {
  const words = text.split(' ');
  if (text.length <= 25) return [text];
  let first = '';
  while (words.length && (`${first} ${words[0]}`).trim().length <= 25) first = `${first} ${words.shift()}`.trim();
  return [first, words.join(' ')];
}
export function Procedure({ doc }) {
  const [pictures, setPictures] = useState(drawn);
  useEffect(() => { if (!pictures) get(PROCEDURES).then((found) => { drawn = found; setPictures(found); }, () => {}); }, []);
  if (!doc.case) return html`<p>${t('procedure.triage_first')}</p>`;
  const picture = pictures?.[`case_${doc.case}`];
  if (!picture) return html`<p class="quiet-line">${t('act.reading')}</p>`;
  const { behind, at } = procedure(doc, picture.states.map((one) => one.id)), place = Object.fromEntries(picture.states.map((one) => [one.id, one])), middle = (one) => one.x + 100;
  const mood = (id) => (at.has(id) ? 'present' : behind.has(id) ? 'past' : 'future');
  const name = (id) => known(`procedure.states.${id}`) ?? id.replace(/([a-z])([A-Z])/g, '$1 $2');
  const now = [...at].map(name).join(', ');
  return html`<p>${t('procedure.now')} <strong>${now}</strong></p><div class="scroll" tabindex="0" role="group" aria-label=${t('case.procedure')}><svg class="procedure" width=${picture.width + 2 * EDGE} height=${picture.height + 2 * EDGE} viewBox=${`${-EDGE} ${-EDGE} ${picture.width + 2 * EDGE} ${picture.height + 2 * EDGE}`} role="img" aria-label=${`${t('procedure.now')} ${now}`}>
    ${picture.ways.filter((way) => !way.back).map((way) => { const from = place[way.from], to = place[way.to], y1 = from.y + from.height, y2 = to.y, half = (y1 + y2) / 2; return html`<path key=${way.from + way.to} class=${mood(way.from) === 'past' && mood(way.to) !== 'future' ? 'way past' : 'way'} d=${`M${middle(from)} ${y1}C${middle(from)} ${half} ${middle(to)} ${half} ${middle(to)} ${y2}`} />`; })}
    ${picture.states.map((one) => (one.kind === 'Choice' ? html`<g key=${one.id} id=${`state-${one.id}`} class=${mood(one.id)}><circle cx=${middle(one)} cy=${one.y + one.height / 2} r=${one.height / 2} /></g>`
      : html`<g key=${one.id} id=${`state-${one.id}`} class=${mood(one.id)}><rect x=${one.x} y=${one.y} width="200" height=${one.height} rx="8" />${lines(name(one.id)).map((line, row, all) => html`<text key=${row} x=${middle(one)} y=${one.y + one.height / 2 + 4.5 + (row - (all.length - 1) / 2) * 14}>${line}</text>`)}</g>`))}</svg></div>`;
}
