// The freeze where nobody can miss it, and the two presses that raise it.
import { html } from 'htm/preact';
import { useState } from 'preact/hooks';
import { call } from './api.js';
import { Button, Choice, Dialog, Moment, names, Refusal, Text, useAct, Who } from './parts.js';
import { route } from './route.js';
import { announce, desk, freeze, has, organisation, refresh, me } from './state.js';
import { t } from './words.js';

/** Who has said yes to which stage, and whose yes is awaited. */
export function Votes({ votes, short = false, mine = false }) {
  const directors = organisation.value.people.filter((one) => one.access.includes('director') && !votes.some((vote) => vote.by === one.id)).map((one) => one.id);
  if (!votes.length) return html`<span>${t('freeze.two_needed')}</span>`;
  return html`<span>${votes.map((vote) => html`<span key=${vote.by}><strong><${Who} id=${vote.by} /></strong> ${t('freeze.said_yes')} <${Moment} at=${vote.at} /></span>`)}${mine ? '' : html` · ${directors.length ? t('freeze.awaits', { names: names(directors, 'disjunction') }) : t('freeze.awaits_other')}`}${!short && votes[0].reason ? html`<span class="more"><bdi>${t('text.quote', { text: votes[0].reason })}</bdi></span>` : null}</span>`;
}

/** Whether a channel is known to be quiet, as the desk counts them. */
const quiet = (one) => one.result === 'nothing' || (one.result === 'stopped' && one.verified_at) || Boolean(one.proof);

export function Banner() {
  const state = freeze.value;
  if (!state?.active) return null;
  const held = state.held_count ?? (state.held ?? []).length, more = state.more_held ? '+' : '';
  const stopped = state.suspended_count ?? (state.suspensions ?? []).filter(quiet).length;
  const open = state.open_checklist ?? (state.checklist ?? []).filter((one) => !one.proof).length;
  const on = route.value[0];
  return html`<section class="freeze-banner" aria-label=${t('freeze.banner')}>
    <div class="freeze-line"><strong class="freeze-word">${t('freeze.word')}</strong><span>${t('freeze.since')} <${Moment} at=${state.raised_at} /></span>
      <span>${state.state === 'raised' ? t('freeze.draining') : state.state === 'statement' ? t('freeze.statement_out') : html`${t('freeze.effective')} <${Moment} at=${state.effective_at} />`}</span>
      <span class="freeze-ends">${on !== 'freeze' && html`<a class="on-red" href="#/freeze">${t('freeze.details')}</a>`}${has('director') && on !== 'release' && html`<a class="on-red strong" href="#/release">${t('freeze.release_link')}</a>`}</span></div>
    <dl class="freeze-facts"><div><dt>${t('freeze.forbidden')}</dt><dd>${t(state.state === 'statement' ? 'freeze.forbidden_statement' : 'freeze.forbidden_text')}</dd></div>
      <div><dt>${t('freeze.allowed')}</dt><dd>${t(state.state === 'statement' ? 'freeze.allowed_statement' : 'freeze.allowed_text')}</dd></div>
      <div><dt>${t('freeze.awaited')}</dt><dd>${open > 0 && html`<span>${t('freeze.to_stop', { n: open })} · </span>`}<${Votes} votes=${state.releases ?? []} short /></dd></div>
      <div class="freeze-counts"><dt>${t('freeze.held_label')}</dt><dd>${t('freeze.held', { n: held })}${more} · ${t('freeze.stopped', { n: stopped })}</dd></div></dl></section>`;
}

/** Two deliberate presses: one opens this, the other freezes. The reason may be given, or follow. */
export function FreezeDialog({ onClose }) {
  const here = route.value[0] === 'cases' ? route.value[1] ?? '' : '';
  const [about, setAbout] = useState(here), [reason, setReason] = useState(''), [done, setDone] = useState(false), act = useAct();
  const cases = (desk.value?.cases ?? []).map((one) => [one.id, one.title || one.brand]);
  const go = () => act.run(async () => {
    await call('POST', '/freeze', { reason: reason.trim() || t('freeze.reason_follows', { name: me.value.name }), ...(about ? { case_id: about } : {}) });
    await refresh();
    announce(t('freeze.is_on'));
    setDone(true);
  });
  return html`<${Dialog} title=${done ? t('freeze.is_on') : t('freeze.ask')} tone="red" onClose=${onClose}>
    ${done ? html`<p>${t('freeze.done_text')}</p><div class="acts"><${Button} onClick=${() => { onClose(); location.hash = '#/freeze'; }}>${t('freeze.see')}<//></div>`
    : html`<p>${t('freeze.ask_text')}</p><${Refusal} problem=${act.problem} />
      <div class="acts first"><${Button} kind="danger big" busy=${act.busy} onClick=${go}>${t('freeze.now')}<//><${Button} kind="secondary" onClick=${onClose}>${t('act.cancel')}<//></div>
      <${Choice} label=${t('freeze.about')} value=${about} onValue=${setAbout} options=${[['', t('freeze.no_case')], ...cases]} />
      <${Text} label=${t('freeze.reason')} optional hint=${t('freeze.reason_hint')} value=${reason} onValue=${setReason} rows=${2} maxlength="2000" />`}<//>`;
}
