// After: what closed cases leave behind. Reports, measures that are due, lessons.
import { html } from 'htm/preact';
import { useEffect, useState } from 'preact/hooks';
import { get } from '../api.js';
import { Chip, Empty, Foreign, Moment, PageTitle, Refusal, useAct, Who } from '../parts.js';
import { titleOf } from '../rules.js';
import { now } from '../state.js';
import { t } from '../words.js';
import { caseKind } from './todo.js';

export function After() {
  const [docs, setDocs] = useState(null), act = useAct();
  useEffect(() => { act.run(async () => {
    const page = await get('/cases?status=closed&limit=30');
    setDocs(await Promise.all(page.cases.map((one) => get(`/cases/${one.id}`))));
  }); }, []);
  const closed = docs ?? [];
  const measures = closed.flatMap((doc) => (doc.closing?.measures ?? []).map((one) => ({ ...one, doc }))).sort((a, b) => Date.parse(a.due) - Date.parse(b.due));
  const clocks = closed.flatMap((doc) => doc.clocks).filter((one) => one.id.startsWith('response_') && one.state !== 'cancelled');
  const kept = clocks.filter((one) => one.state === 'met').length;
  return html`<${PageTitle}>${t('nav.after')}<//><p class="lead">${t('after.lead')}</p><${Refusal} problem=${act.problem} />
    ${docs && html`<dl class="figures"><div><dt>${t('after.closed')}</dt><dd>${closed.length}</dd></div><div><dt>${t('after.kept')}</dt><dd>${clocks.length ? `${kept} / ${clocks.length}` : '–'}</dd></div><div><dt>${t('after.measures')}</dt><dd>${measures.length}</dd></div></dl>`}
    <section><h2>${t('after.measures')}</h2>${!docs ? html`<p class="quiet-line">${t('act.reading')}</p>` : measures.length ? html`<ul class="rows">${measures.map((one) => { const late = Date.parse(one.due) + 86_400_000 < now(); return html`<li class="row"><div><p><strong><bdi>${one.text}</bdi></strong></p><p class="more"><${Who} id=${one.owner} /> · <${Foreign} inline text=${titleOf(one.doc)} /></p></div><${Chip} tone=${late ? 'late' : 'running'}>${t('after.due', { day: one.due })}<//></li>`; })}</ul>` : html`<${Empty}>${t('after.no_measures')}<//>`}</section>
    <section><h2>${t('after.reports')}</h2>${docs && !closed.length ? html`<${Empty}>${t('after.none')}<//>` : html`<ul class="rows">${closed.map((doc) => html`<li class="row" key=${doc.id}><div><p><a href=${`#/cases/${doc.id}/report`}><${Foreign} inline text=${titleOf(doc)} /></a></p><p class="more">${doc.no_crisis ? t('status.no_crisis') : caseKind(doc)} · ${t('after.closed_at')} <${Moment} at=${doc.closed_at} /></p>${doc.closing?.lessons && html`<blockquote class="lesson"><strong>${t('after.lessons')}</strong> <${Foreign} inline text=${doc.closing.lessons} /></blockquote>`}</div></li>`)}</ul>`}</section>`;
}
