// The freeze in detail, and its release: slow on purpose, for it cannot be undone.
import { html } from 'htm/preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { call, get } from '../api.js';
import { Button, Chip, Empty, Field, Foreign, Moment, names, PageTitle, Refusal, Strip, Text, Tick, useAct, useKept, Who } from '../parts.js';
import { Votes } from '../freeze.js';
import { releasable, sameName, titleOf } from '../rules.js';
import { announce, documents, freeze, has, me, now, organisation, readCase, readFreeze, refresh } from '../state.js';
import { clockTime, known, number, t } from '../words.js';
import { Renderings } from './case-writing.js';

function useFreeze() {
  const act = useAct();
  useEffect(() => { act.run(async () => { await readFreeze(); await Promise.all((freeze.value?.holding ?? []).map((id) => readCase(id))); }); }, []);
  return [freeze.value, act];
}

export function FreezePage() {
  const [state, act] = useFreeze();
  if (!state?.active) return html`<${PageTitle}>${t('freeze.page')}<//><${Refusal} problem=${act.problem} /><${Empty}>${t('freeze.none')}<//>${state?.released_at && html`<p>${t('freeze.last')} <${Moment} at=${state.released_at} /></p>`}`;
  return html`<${PageTitle} extra=${has('director') && html`<a class="button primary" href="#/release">${t('freeze.release_link')}</a>`}>${t('freeze.page')}<//><${Refusal} problem=${act.problem} />
    <dl class="figures"><div><dt>${t('freeze.since')}</dt><dd><${Moment} at=${state.raised_at} /></dd></div><div><dt>${t('freeze.effective')}</dt><dd>${state.effective_at ? html`<${Moment} at=${state.effective_at} />` : t('freeze.draining')}</dd></div><div><dt>${t('freeze.by')}</dt><dd><${Who} id=${state.raised_by} /></dd></div></dl>
    ${state.reason && html`<blockquote><bdi>${state.reason}</bdi></blockquote>`}
    <section><h2>${t('freeze.channels')}</h2><ul class="rows">${(state.suspensions ?? []).map((one) => html`<${Stopped} key=${one.channel} one=${one} />`)}</ul></section>
    <section><h2>${t('freeze.held_label')} · ${number((state.held ?? []).length)}</h2>${(state.held ?? []).length ? html`<ul class="rows">${state.held.slice(0, 60).map((one) => html`<li class="row" key=${one.case_id + one.delivery}><div><p>${one.channel} <span class="more-inline">${known(`audiences.${one.audience}`) ?? one.audience}</span></p></div><${Chip} tone="soon" mark="■">${t('delivery.held')}<//></li>`)}</ul>` : html`<${Empty}>${t('freeze.nothing_held')}<//>`}</section>
    <section><h2>${t('freeze.cases')}</h2>${(state.holding ?? []).length ? html`<ul>${state.holding.map((id) => html`<li key=${id}><a href=${`#/cases/${id}`}><${Foreign} inline text=${titleOf(documents.value[id]) || id} /></a></li>`)}</ul>` : html`<p>${t('freeze.no_case')}</p>`}</section>`;
}
function Stopped({ one }) {
  const [form, set, sent] = useKept(`proof/${one.channel}`, { proof: '' }), act = useAct();
  const owes = ['by_person', 'failed'].includes(one.result) && !one.proof;
  return html`<li class="row stacked"><div class="row"><div><p><strong>${one.channel}</strong></p><p class="more">${one.proof ? html`<bdi>${one.proof}</bdi> · <${Who} id=${one.proof_by} />` : owes ? html`<bdi>${one.detail}</bdi>` : ''}</p></div><${Chip} tone=${owes ? 'late' : 'good'} mark=${owes ? '✕' : '✓'}>${t(`freeze.result_${one.proof ? 'stopped' : one.result}`)}<//></div>
    ${owes && has('responder', 'director') && html`<form onSubmit=${(event) => { event.preventDefault(); act.run(async () => { await call('POST', `/freeze/checklist/${one.channel}`, { proof: form.proof }); sent(); await readFreeze(); await refresh(); }); }}><${Refusal} problem=${act.problem} /><${Text} label=${t('freeze.proof')} hint=${t('freeze.proof_hint')} value=${form.proof} onValue=${(proof) => set({ proof })} fault=${act.fault('/proof')} /><div class="acts"><${Button} kind="primary small" busy=${act.busy}>${t('freeze.proof_send')}<//></div></form>`}</li>`;
}

export function ReleasePage({ scope, about }) {
  const [state, look] = useFreeze();
  if (!state) return html`<${PageTitle}>${t('release.title')}<//><p class="quiet-line">${t('act.reading')}</p>`;
  if (!state.active) return html`<${PageTitle}>${t('release.title')}<//><div class="done" role="status"><h2>${t('freeze.none')}</h2></div>`;
  // What can be released depends on the texts of the cases: nothing is shown before they are read.
  if (!state.releases || !(state.holding ?? []).every((id) => documents.value[id])) return html`<${PageTitle}>${t('release.title')}<//><${Refusal} problem=${look.problem} /><p class="quiet-line">${t('act.reading')}</p>`;
  const stages = releasable(state, documents.value).filter((one) => one.scope === 'all' || one.version || !scope), chosen = scope ? stages.find((one) => one.scope === scope && (one.case_id ?? '') === (about ?? one.case_id ?? '')) : null;
  if (chosen) return html`<${Release} key=${chosen.scope + chosen.case_id} stage=${chosen} state=${state} />`;
  return html`<${PageTitle}>${t('release.title')}<//><p class="lead">${t('release.lead')}</p><${Refusal} problem=${look.problem} />
    <ul class="rows">${stages.map((one) => html`<li key=${one.scope + one.case_id} class="row"><div><h2>${t(`release.${one.scope}`)}</h2>${one.case_id && html`<p><${Foreign} inline text=${titleOf(documents.value[one.case_id])} /></p>`}<p class="more">${one.released ? t('release.released') : one.possible ? html`<${Votes} votes=${one.votes} />` : t(state.state === 'raised' ? 'freeze.draining' : 'release.no_text')}</p></div>
      ${has('director') && one.possible && !one.votes.some((vote) => vote.by === me.value.id) && html`<a class="button secondary" href=${`#/release/${one.scope}${one.case_id ? `/${one.case_id}` : ''}`} aria-label=${`${t('release.look')}: ${t(`release.${one.scope}`)}`}>${t('release.look')}</a>`}</li>`)}</ul>`;
}

function Release({ stage, state }) {
  const doc = documents.value[stage.case_id], [preview, setPreview] = useState(null), [read, setRead] = useState(stage.scope === 'all'), [form, set, sent] = useKept(`release/${stage.scope}/${stage.case_id}`, { name: '', reason: '', old: false });
  const act = useAct(), look = useAct(), [done, setDone] = useState(null), end = useRef(), box = useRef();
  const second = stage.votes.find((vote) => vote.by !== me.value.id), already = stage.votes.some((vote) => vote.by === me.value.id);
  const places = new Set((organisation.value.channels ?? []).filter((one) => one.statement_during_freeze).map((one) => one.id));
  useEffect(() => { if (stage.version) look.run(async () => setPreview(await get(`/cases/${stage.case_id}/response/${stage.version.version}/preview`))); }, [stage.version?.version]);
  useEffect(() => {
    if (!end.current || read || !preview) return undefined;
    const seen = new IntersectionObserver((entries) => { if (entries.some((entry) => entry.isIntersecting)) setRead(true); }, { root: box.current, threshold: 0.9 });
    seen.observe(end.current);
    return () => seen.disconnect();
  }, [preview, read]);
  const reached = (preview?.renderings ?? []).filter((one) => !places.size || places.has(one.channel));
  const named = sameName(form.name, me.value.name), ready = read && named && form.reason.trim();
  const send = (event) => { event.preventDefault(); if (!ready) return; act.run(async () => {
    const answer = await call('POST', '/freeze/release', { scope: stage.scope, reason: form.reason, ...(stage.case_id ? { case_id: stage.case_id } : {}) });
    sent();
    setDone(answer.data.complete ? 'complete' : 'first');
    announce(t(answer.data.complete ? 'release.complete' : 'release.first'));
    await readFreeze();
    await refresh();
  }); };
  if (done || already) return html`<${PageTitle}>${t('release.title')}<//><div class="done" role="status"><h2><span aria-hidden="true">✓ </span>${t(done === 'complete' ? 'release.complete' : 'release.first')}</h2><p>${t(done === 'complete' ? `release.complete_${stage.scope}` : 'release.first_text')}</p>${done !== 'complete' && html`<p><${Votes} votes=${stage.votes} /></p>`}<div class="acts"><a class="button primary" href="#/todo">${t('nav.todo')}</a></div></div>`;
  if (!has('director')) return html`<${PageTitle}>${t('release.title')}<//><p class="note info">${t('release.directors_only')} <${Votes} votes=${stage.votes} /></p>`;
  return html`<${PageTitle}>${t(`release.${stage.scope}`)}<//><${Refusal} problem=${look.problem} />
    ${doc && html`<p class="case-line"><a href=${`#/cases/${doc.id}`}><${Foreign} inline text=${titleOf(doc)} /></a></p><${Strip} origin=${doc.first_published_at} clocks=${doc.clocks} />`}
    ${second && html`<p class="note info"><${Votes} votes=${stage.votes} mine /> <strong>${t('release.yours_is_second')}</strong></p>`}
    <form class="release" onSubmit=${send}>
    ${stage.scope === 'statement' && html`<section class="release-step"><h2>1. ${t('release.read')}</h2><p class="hint">${t('release.read_hint')}</p>
      <div class="whole-text" tabindex="0" role="group" aria-label=${t('release.read')} ref=${box}>${!preview ? html`<p class="quiet-line">${t('act.reading')}</p>` : html`<${Renderings} list=${reached} />`}<p class="text-end" ref=${end}>${preview ? t('release.end_of_text') : ''}</p></div>
      <p role="status">${read ? html`<${Chip} tone="good" mark="✓">${t('release.was_read')}<//>` : t('release.not_read')}</p>
      <p class="more">${t('review.written_by')} <strong><${Who} id=${stage.version.by} /></strong> · ${t('review.yes_of')} <strong>${names(stage.version.approvals.map((one) => one.by))}</strong></p></section>`}
    <section class="release-step"><h2>${stage.scope === 'statement' ? '2. ' : '1. '}${t('release.consequences')}</h2><dl class="consequences"><div><dt>${t('release.leaves')}</dt><dd>${stage.scope === 'statement' ? t('release.leaves_statement', { n: reached.length, channels: [...new Set(reached.map((one) => one.channel))].join(', ') }) : t('release.leaves_all')}</dd></div><div><dt>${t('release.stays')}</dt><dd>${stage.scope === 'statement' ? t('release.stays_statement', { n: (state.held ?? []).length }) : t('release.stays_all', { n: (state.held ?? []).length })}</dd></div><div><dt>${t('release.undo')}</dt><dd>${t('release.cannot')}</dd></div></dl></section>
    <section class="release-step"><h2>${stage.scope === 'statement' ? '3. ' : '2. '}${t('release.sign')}</h2>
      <${Text} label=${t('form.reason')} hint=${t('release.reason_hint')} value=${form.reason} onValue=${(reason) => set({ reason })} rows=${2} maxlength="2000" fault=${act.fault('/reason')} />
      <${Text} label=${t('release.name')} hint=${t('release.name_hint', { name: me.value.name })} value=${form.name} onValue=${(name) => set({ name })} autocomplete="off" />
      <${Refusal} problem=${act.problem} />
      <div class="acts"><${Button} kind="danger big" busy=${act.busy} disabled=${!ready}>${t(`release.yes_${stage.scope}`)}<//><a class="button secondary big" href="#/freeze">${t('release.not_now')}</a></div>
      ${!ready && html`<p class="hint" role="status">${[!read && t('release.missing_read'), !form.reason.trim() && t('release.missing_reason'), !named && t('release.missing_name')].filter(Boolean).join(' · ')}</p>`}</section></form>`;
}
export { clockTime, Field, now, Tick };
