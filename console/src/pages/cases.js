// Cases: filters by state, brand and kind, and a search over cases and messages where the server has one.
import { html } from 'htm/preact';
import { useEffect, useState } from 'preact/hooks';
import { call, get } from '../api.js';
import { Button, Choice, Empty, Foreign, Moment, PageTitle, Refusal, Text, useAct } from '../parts.js';
import { desk, documents } from '../state.js';
import { shown } from '../rules.js';
import { t } from '../words.js';
import { CaseCard } from './todo.js';

const STATUSES = ['triage', 'responding', 'published', 'following_up', 'closed'];
export function Cases() {
  const [status, setStatus] = useState('open'), [brand, setBrand] = useState(''), [kind, setKind] = useState(''), [query, setQuery] = useState('');
  const [pages, setPages] = useState([]), [next, setNext] = useState(null), [found, setFound] = useState(null), act = useAct();
  const read = (cursor) => act.run(async () => {
    const page = await get(`/cases?limit=50${STATUSES.includes(status) ? `&status=${status}` : ''}${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`);
    setPages((before) => (cursor ? [...before, ...page.cases] : page.cases));
    setNext(page.next);
  });
  useEffect(() => { read(null); }, [status, desk.value]);
  useEffect(() => {
    if (query.trim().length < 2) { setFound(null); return undefined; }
    const timer = setTimeout(() => call('GET', `/search?q=${encodeURIComponent(query.trim())}`).then((answer) => setFound(answer.data), () => setFound('none')), 300);
    return () => clearTimeout(timer);
  }, [query]);
  const known = Object.fromEntries((desk.value?.cases ?? []).map((one) => [one.id, one]));
  const plain = query.trim().toLowerCase();
  const all = (found && found !== 'none' ? found.cases : pages).map((one) => ({ ...one, ...(documents.value[one.id] ? shown(documents.value[one.id]) : {}), ...(known[one.id] ?? {}), title: known[one.id]?.title || one.title || '' , step: known[one.id]?.step ?? (one.status === 'closed' ? 'closed' : one.status) }));
  const brands = [...new Set(pages.map((one) => one.brand))].sort();
  const list = all.filter((one) => (status !== 'open' || one.status !== 'closed') && (!brand || one.brand === brand) && (!kind || String(one.case ?? 'none') === kind || (kind === 'leak' && one.leak))
    && (found === null || found !== 'none' || `${one.title} ${one.brand}`.toLowerCase().includes(plain)));
  return html`<${PageTitle}>${t('nav.cases')}<//>
    <form class="filters" role="search" onSubmit=${(event) => event.preventDefault()}>
      <${Text} label=${t('cases.search')} value=${query} onValue=${setQuery} type="search" />
      <${Choice} label=${t('cases.status')} value=${status} onValue=${setStatus} options=${[['open', t('cases.open')], ['', t('cases.all')], ...STATUSES.map((one) => [one, t(`status.${one}`)])]} />
      <${Choice} label=${t('cases.brand')} value=${brand} onValue=${setBrand} options=${[['', t('cases.every_brand')], ...brands.map((one) => [one, one])]} />
      <${Choice} label=${t('cases.kind')} value=${kind} onValue=${setKind} options=${[['', t('cases.every_kind')], ...[1, 2, 3, 4].map((one) => [String(one), t(`case_types.${one}`)]), ['leak', t('case.leak')], ['none', t('case_types.none')]]} /></form>
    <${Refusal} problem=${act.problem} />
    <p role="status" class="quiet-line">${t('cases.count', { n: list.length })}</p>
    <h2 class="unseen">${t('cases.list')}</h2>
    ${list.length ? html`<ul class="case-list">${list.map((doc) => html`<${CaseCard} key=${doc.id} doc=${doc} />`)}</ul>` : html`<${Empty}>${t('cases.none')}<//>`}
    ${found?.messages?.length > 0 && html`<h2>${t('cases.messages')}</h2><ul class="rows">${found.messages.map((one) => html`<li key=${one.id} class="row"><div><p><a href=${`#/cases/${one.case_id}/messages`}><${Foreign} inline text=${one.excerpt} /></a></p><p class="more">${t(`platforms.${one.platform}`)} · <${Moment} at=${one.published_at} /></p></div></li>`)}</ul>`}
    ${next && !found && html`<${Button} kind="secondary" busy=${act.busy} onClick=${() => read(next)}>${t('cases.more')}<//>`}`;
}
