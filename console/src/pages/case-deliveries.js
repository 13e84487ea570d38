// Deliveries as a grid, channel by language, with a verb where a person is needed.
import { html } from 'htm/preact';
import { useState } from 'preact/hooks';
import { call } from '../api.js';
import { Button, Chip, Dialog, Empty, Moment, Options, Refusal, Text, useAct, useKept, Who } from '../parts.js';
import { announce, has, me, readCase, refresh } from '../state.js';
import { known, languageName, t } from '../words.js';

const TONES = { waiting: 'running', held: 'soon', sending: 'running', published: 'good', failed: 'late', manual: 'late', cancelled: 'quiet', retracted: 'quiet', unknown: 'late' };
const MARK = { waiting: '◷', held: '■', sending: '➤', published: '✓', failed: '✕', manual: '✎', cancelled: '–', retracted: '–' };

export function Deliveries({ doc }) {
  const [open, setOpen] = useState(null);
  const list = doc.deliveries.filter((one) => one.version !== null);
  if (!list.length) return html`<section><h2>${t('case.view_deliveries')}</h2><${Empty}>${t('delivery.none')}<//></section>`;
  const versions = [...new Set(list.map((one) => one.version))].sort((a, b) => b - a);
  return html`<section><h2>${t('case.view_deliveries')}</h2>
    ${versions.map((version) => { const mine = list.filter((one) => one.version === version), tags = [...new Set(mine.map((one) => one.language))].sort(), channels = [...new Set(mine.map((one) => one.channel))];
      const out = mine.filter((one) => one.state === 'published').length;
      return html`<section key=${version}><h3>${t('version.name', { version })} · ${t('delivery.progress', { n: out, of: mine.length })}</h3><div class="scroll" tabindex="0" role="group" aria-label=${t('version.name', { version })}><table class="grid"><thead><tr><th scope="col">${t('plan.channel')}</th>${tags.map((tag) => html`<th key=${tag} scope="col">${languageName(tag)}</th>`)}</tr></thead>
        <tbody>${channels.map((channel) => html`<tr key=${channel}><th scope="row">${channel}<span class="more">${known(`audiences.${mine.find((one) => one.channel === channel).audience}`)}</span></th>${tags.map((tag) => html`<td key=${tag} data-language=${languageName(tag)}>${mine.filter((one) => one.channel === channel && one.language === tag).map((one) => html`<${Cell} key=${one.key} doc=${doc} one=${one} onOpen=${setOpen} />`)}</td>`)}</tr>`)}</tbody></table></div></section>`; })}
    ${open && html`<${Settle} doc=${doc} what=${open} onClose=${() => setOpen(null)} />`}</section>`;
}
function Cell({ doc, one, onOpen }) {
  const hours = one.state === 'waiting' && one.opens_at, act = one.act === 'retract' ? 'retract_' : '', place = `${one.channel}, ${languageName(one.language)}`;
  const verbs = [];
  if (has('responder') && ['failed', 'manual'].includes(one.state)) verbs.push(['settle', t('delivery.settle')]);
  if (one.state === 'published' && one.act === 'publish' && doc.status !== 'closed') {
    if (one.retraction && !one.retraction.confirmed_at) { if (has('approver', 'director') && one.retraction.proposed_by !== me.value.id) verbs.push(['retract', t('delivery.decide_retraction')]); } else if (!one.retraction && has('responder')) verbs.push(['retract', t('delivery.take_back')]);
  }
  return html`<div class="cell"><${Chip} tone=${TONES[one.state]} mark=${MARK[one.state]}>${t(hours ? 'delivery.hours' : `delivery.${act}${one.state}`)}<//>
    ${one.published_at && html`<span class="more"><${Moment} at=${one.published_at} /></span>`}${/^https?:/.test(one.url ?? '') && html`<a href=${one.url} target="_blank" rel="noopener noreferrer" aria-label=${`${t('case.see_there')}: ${place}`}>${t('case.see_there')}</a>`}
    ${one.state !== 'published' && one.next_attempt_at && html`<span class="more">${t(hours ? 'delivery.until' : 'delivery.again')} <${Moment} at=${one.next_attempt_at} /></span>`}${one.reason && one.state !== 'published' && !hours && html`<span class="more"><bdi>${one.reason}</bdi></span>`}
    ${one.retraction && !one.retraction.confirmed_at && html`<span class="more">${t('delivery.retraction_by')} <${Who} id=${one.retraction.proposed_by} /> : <bdi>${one.retraction.reason}</bdi></span>`}
    ${verbs.map(([kind, words]) => html`<button key=${kind} type="button" class=${kind === 'settle' ? 'primary small' : 'link'} aria-label=${`${words}: ${place}`} onClick=${() => onOpen({ kind, one })}>${words}</button>`)}</div>`;
}
function Settle({ doc, what, onClose }) {
  const { one, kind } = what, [form, set, sent] = useKept(`delivery/${doc.id}/${one.key}`, { state: 'published', url: '', note: '' }), act = useAct();
  const pending = one.retraction && !one.retraction.confirmed_at;
  const finish = async () => { sent(); announce(t('delivery.noted')); await Promise.all([readCase(doc.id), refresh()]); onClose(); };
  const settle = (event) => { event.preventDefault(); act.run(async () => { await call('POST', `/cases/${doc.id}/deliveries/${encodeURIComponent(one.key)}`, { state: form.state, ...(form.url.trim() ? { url: form.url.trim() } : {}), ...(form.note.trim() ? { note: form.note } : {}) }); await finish(); }); };
  const retract = (decision) => act.run(async () => { await call('POST', `/cases/${doc.id}/deliveries/${encodeURIComponent(one.key)}/retract`, { reason: form.note, decision }); await finish(); });
  const done = one.act === 'retract' ? 'retracted' : 'published';
  return html`<${Dialog} title=${`${one.channel} · ${languageName(one.language)}`} onClose=${onClose}><${Refusal} problem=${act.problem} />
    ${kind === 'settle' ? html`<form onSubmit=${settle}><${Options} legend=${t('delivery.what')} name="settled" value=${form.state === 'published' ? done : form.state} onValue=${(state) => set({ state })} options=${[[done, t(`delivery.did_${done}`)], ['retry', t('delivery.retry')], ['manual', t('delivery.by_hand')]]} />
      ${form.state === 'published' && html`<${Text} label=${t('delivery.url')} hint=${t('delivery.url_hint')} type="url" value=${form.url} onValue=${(url) => set({ url })} fault=${act.fault('/url')} />`}
      <${Text} label=${t('duty.note')} optional rows=${2} value=${form.note} onValue=${(note) => set({ note })} maxlength="2000" /><div class="acts"><${Button} busy=${act.busy}>${t('delivery.record')}<//></div></form>`
    : html`<p>${pending ? html`<bdi>${one.retraction.reason}</bdi>` : t('delivery.retract_text')}</p><${Text} label=${t('form.reason')} rows=${2} value=${form.note} onValue=${(note) => set({ note })} maxlength="2000" fault=${act.fault('/reason')} />
      <div class="acts"><${Button} kind="danger" busy=${act.busy} onClick=${() => retract('confirm')}>${t(pending ? 'delivery.confirm_retraction' : 'delivery.propose_retraction')}<//>${pending && html`<${Button} kind="secondary" busy=${act.busy} onClick=${() => retract('decline')}>${t('delivery.keep')}<//>`}</div>`}<//>`;
}
