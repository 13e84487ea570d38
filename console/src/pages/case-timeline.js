// The log as a list and on the strip, and the report after the crisis: both are the server's words, in the reader's language.
import { html } from 'htm/preact';
import { useEffect, useState } from 'preact/hooks';
import { call, get } from '../api.js';
import { Button, Chip, Empty, Moment, Refusal, Strip, Tick, useAct, Who } from '../parts.js';
import { language, t } from '../words.js';

function useReport(doc) {
  const [report, setReport] = useState(null), act = useAct();
  useEffect(() => { act.run(async () => setReport(await get(`/cases/${doc.id}/report`))); }, [doc.id, doc.updated_at, language.value]);
  return [report, act];
}
export function Timeline({ doc }) {
  const [report, act] = useReport(doc), [whole, setWhole] = useState(false);
  return html`<section><h2>${t('case.view_timeline')}</h2><${Refusal} problem=${act.problem} />
    ${!report ? html`<p class="quiet-line">${t('act.reading')}</p>` : html`<${Strip} origin=${doc.first_published_at} clocks=${doc.clocks} events=${report.events.slice(-400)} />
      <p class="more">${report.timeline.intact ? t('timeline.intact', { n: report.timeline.events }) : t('timeline.broken')}</p>
      <${Tick} label=${t('timeline.details')} value=${whole} onValue=${setWhole} />
      <ol class="log" reversed>${[...report.events].reverse().slice(0, 400).map((one) => html`<li key=${one.seq}><span class="log-time"><${Moment} at=${one.at} /></span><span><strong>${one.title}</strong>${one.about && html` · <bdi>${one.about}</bdi>`}${one.by && one.by !== 'sangfroid' && html` · <${Who} id=${one.by} />`}${whole && one.details && html`<span class="more"><bdi>${one.details}</bdi></span>`}</span></li>`)}</ol>`}</section>`;
}
export function CaseReport({ doc }) {
  const [report, act] = useReport(doc);
  const save = () => act.run(async () => {
    const { data } = await call('GET', `/cases/${doc.id}/report`, undefined, { raw: true, headers: { accept: 'text/html' } });
    const link = Object.assign(document.createElement('a'), { href: URL.createObjectURL(data), download: `${doc.id}-${language.value}.html` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  });
  if (!report) return html`<section><h2>${t('case.view_report')}</h2><${Refusal} problem=${act.problem} /><p class="quiet-line">${t('act.reading')}</p></section>`;
  return html`<section><div class="section-head"><h2>${t('case.view_report')}</h2><${Button} kind="secondary" busy=${act.busy} onClick=${save}>${t('report_page.save')}<//></div>
    ${report.interim && html`<p class="note soon">${t('report_page.interim')}</p>`}<p class="lead"><bdi>${report.summary}</bdi></p>
    ${report.root_cause && html`<h3>${t('close.root_cause')}</h3><p class="foreign block">${report.root_cause}</p>`}${report.lessons && html`<h3>${t('close.lessons')}</h3><p class="foreign block">${report.lessons}</p>`}
    ${report.measures.length > 0 && html`<h3>${t('close.measures')}</h3><ul>${report.measures.map((one) => html`<li><bdi>${one.text}</bdi> · <${Who} id=${one.owner} /> · ${one.due}</li>`)}</ul>`}
    <h3>${t('report_page.worked')}</h3>${report.worked.length ? html`<ul class="plain">${report.worked.map((one) => html`<li><${Chip} tone="good" mark="✓">${t('report_page.kept')}<//> <bdi>${one}</bdi></li>`)}</ul>` : html`<p>–</p>`}
    <h3>${t('report_page.late')}</h3>${report.late.length ? html`<ul class="plain">${report.late.map((one) => html`<li><${Chip} tone="late" mark="✕">${t('report_page.missed')}<//> <bdi>${one}</bdi></li>`)}</ul>` : html`<${Empty}>${t('report_page.nothing_late')}<//>`}
    ${report.held.length > 0 && html`<h3>${t('report_page.held')}</h3><ul class="plain">${report.held.map((one) => html`<li><${Chip} tone="soon">${t('report_page.held_chip')}<//> <bdi>${one}</bdi></li>`)}</ul>`}</section>`;
}
