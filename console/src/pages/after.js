// After: what closed cases leave behind. Reports, measures that are due, lessons.
import { html } from 'htm/preact';
import { useEffect, useState } from 'preact/hooks';
import { get } from '../api.js';
import { Chip, Empty, Foreign, Moment, PageTitle, Refusal, useAct, Who } from '../parts.js';
import { now } from '../state.js';
import { t } from '../words.js';
import { caseKind } from './todo.js';

export function After() {
  const [docs, setDocs] = useState(null), act = useAct();
  const [left, setLeft] = useState(null);
  useEffect(() => { act.run(async () => {
    const [page, gathered] = await Promise.all([get('/cases?status=closed&limit=50'), get('/after')]);
    setLeft(gathered);
    setDocs(page.cases);
  }); }, []);
  const closed = docs ?? [], measures = left?.measures ?? [], lessons = left?.lessons ?? [];
  const clocks = closed.flatMap((doc) => doc.clocks).filter((one) => one.id.startsWith('response_') && one.state !== 'cancelled');
  const kept = clocks.filter((one) => one.state === 'met').length;
  return html`<${PageTitle}>${t('nav.after')}<//><p class="lead">${t('after.lead')}</p><${Refusal} problem=${act.problem} />
    ${docs && html`<dl class="figures"><div><dt>${t('after.closed')}</dt><dd>${closed.length}</dd></div><div><dt>${t('after.kept')}</dt><dd>${clocks.length ? `${kept} / ${clocks.length}` : '–'}</dd></div><div><dt>${t('after.measures')}</dt><dd>${measures.length}</dd></div></dl>`}
    <section><h2>${t('after.measures')}</h2>${!docs ? html`<p class="quiet-line">${t('act.reading')}</p>` : measures.length ? html`<ul class="rows">${measures.map((one) => { const late = Date.parse(one.due) + 86_400_000 < now(); return html`<li class="row"><div><p><strong><bdi>${one.text}</bdi></strong></p><p class="more"><${Who} id=${one.owner} /> · <a href=${`#/cases/${one.case_id}/report`}><${Foreign} inline text=${one.title ?? ''} /></a></p></div><${Chip} tone=${late ? 'late' : 'running'}>${t('after.due', { day: one.due })}<//></li>`; })}</ul>` : html`<${Empty}>${t('after.no_measures')}<//>`}</section>
    <section><h2>${t('after.reports')}</h2>${docs && !closed.length ? html`<${Empty}>${t('after.none')}<//>` : html`<ul class="rows">${closed.map((doc) => html`<li class="row" key=${doc.id}><div><p><a href=${`#/cases/${doc.id}/report`}><${Foreign} inline text=${doc.title ?? t('case.untitled')} /></a></p><p class="more">${caseKind(doc)} · ${t('after.closed_at')} <${Moment} at=${doc.closed_at} /></p></div></li>`)}</ul>`}</section>
    ${lessons.length > 0 && html`<section><h2>${t('close.lessons')}</h2><ul class="rows">${lessons.map((one) => html`<li class="row" key=${one.case_id}><div><p><${Foreign} text=${one.text} /></p><p class="more"><a href=${`#/cases/${one.case_id}/report`}><${Foreign} inline text=${one.title ?? ''} /></a></p></div></li>`)}</ul></section>`}`;
}
