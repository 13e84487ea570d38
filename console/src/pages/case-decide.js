// Decisions over a case: what it is, whether it is a leak, not to respond, and what became of an action.
import { html } from 'htm/preact';
import { useState } from 'preact/hooks';
import { call } from '../api.js';
import { Button, Chip, Choice, Fold, Foreign, names, Options, Refusal, Text, Tick, useAct, useKept, Who } from '../parts.js';
import { firstMessage, isOut, isTold, tellsItself, versionsOf, writtenKind } from '../rules.js';
import { NewMeasure } from './case-close.js';
import { go } from '../route.js';
import { announce, has, me, organisation, readCase, refresh, take } from '../state.js';
import { known, t } from '../words.js';

const back = (doc) => `#/cases/${doc.id}`;
/** What there is to read before deciding: the first message or, while nothing is public, what was asked or found. */
const Cause = ({ doc, first }) => (first || doc.notes ? html`<blockquote class="quote"><${Foreign} text=${first ? first.text : doc.notes} lang=${first?.language} /></blockquote>` : null);
export function Triage({ doc }) {
  const [form, set, sent] = useKept(`triage/${doc.id}`, { choice: '', reason: '' }), act = useAct(), [fault, setFault] = useState(null);
  const first = firstMessage(doc), guesses = doc.triage?.alternatives ?? doc.triage?.candidates ?? [];
  const likely = (number) => guesses.find((one) => String(one.case ?? 'none') === number);
  const options = [['1', 1], ['2', 2], ['3', 3], ['leak', 'leak'], ['4', 4], ['none', 'none']].map(([key, word]) => {
    const guess = likely(key);
    return [key, t(`triage.${word}`), html`${t(`triage.${word}_more`)}${guess?.confidence ? ` ${t('case.sure', { percent: Math.round(guess.confidence * 100) })}` : ''}`];
  });
  const send = (event) => {
    event.preventDefault();
    if (!form.choice || !form.reason.trim()) { setFault(!form.choice ? t('triage.choose') : t('form.needs_reason')); return; }
    setFault(null);
    act.run(async () => {
      const body = { case: { 1: 1, 2: 2, 3: 3, leak: 3, 4: 4, none: null }[form.choice], leak: form.choice === 'leak', reason: form.reason };
      take((await call('POST', `/cases/${doc.id}/triage`, body)).data);
      sent();
      announce(t('triage.done'));
      await refresh();
      go(back(doc));
    });
  };
  return html`<section class="narrow"><h2>${t('triage.title')}</h2><${Cause} doc=${doc} first=${first} />
    <p>${t('triage.text')}</p><${Refusal} problem=${act.problem} />${fault && html`<p class="fault" role="alert">✕ ${fault}</p>`}
    <form onSubmit=${send}><${Options} legend=${t('triage.legend')} name="choice" value=${form.choice} onValue=${(choice) => set({ choice })} options=${options} />
      ${form.choice === 'leak' && html`<p class="note late" role="status">${t('triage.leak_note')}</p>`}
      <${Text} label=${t('form.reason')} hint=${t('triage.reason_hint')} value=${form.reason} onValue=${(reason) => set({ reason })} rows=${2} maxlength="2000" fault=${act.fault('/reason')} />
      <div class="acts"><${Button} busy=${act.busy}>${t('triage.send')}<//><a class="button secondary" href=${back(doc)}>${t('act.cancel')}</a></div></form></section>`;
}

export function Suspicion({ doc }) {
  const [form, set, sent] = useKept(`suspicion/${doc.id}`, { reason: '' }), act = useAct(), first = firstMessage(doc);
  const decide = (freeze) => act.run(async () => {
    await call('POST', `/freeze/suspicions/${doc.id}`, { freeze, reason: form.reason.trim() || t(freeze ? 'suspicion.default_yes' : 'suspicion.default_no') });
    sent();
    await Promise.all([refresh(), readCase(doc.id)]);
    go(back(doc));
  });
  return html`<section class="narrow"><h2>${t('suspicion.title')}</h2><${Cause} doc=${doc} first=${first} />
    <p>${t('suspicion.text')}</p><${Refusal} problem=${act.problem} /><${Text} label=${t('form.reason')} optional value=${form.reason} onValue=${(reason) => set({ reason })} rows=${2} maxlength="2000" />
    <div class="acts"><${Button} kind="danger" busy=${act.busy} onClick=${() => decide(true)}>${t('suspicion.freeze')}<//><${Button} kind="secondary" busy=${act.busy} onClick=${() => decide(false)}>${t('suspicion.decline')}<//></div></section>`;
}

/** For a listed company: whether the community hears the approved response before everybody else (MAR 17). */
export function Order({ doc }) {
  const [form, set, sent] = useKept(`order/${doc.id}`, { first: '', reason: '' }), act = useAct(), [fault, setFault] = useState(null);
  const given = doc.community_first, text = versionsOf(doc).find((one) => one.kind === 'response' && one.state === 'approved');
  const send = (event) => {
    event.preventDefault();
    if (!form.first || !form.reason.trim()) { setFault(t(form.first ? 'form.needs_reason' : 'order.choose')); return; }
    setFault(null);
    act.run(async () => {
      take((await call('POST', `/cases/${doc.id}/community-first`, { first: form.first === 'community', reason: form.reason })).data);
      sent();
      announce(t('order.done'));
      await refresh();
      go(back(doc));
    });
  };
  // Once it is out, how it was decided is all that is left to show.
  const open = doc.status === 'responding', choose = (first) => { setFault(null); set({ first }); };
  return html`<section class="narrow"><h2>${t('order.title')}</h2>${open && html`<p>${t('order.text')}</p>`}
    ${given && html`<div class="note info"><p><strong>${t(given.first ? 'order.community' : 'order.everyone')}</strong> · <${Who} id=${given.by} /></p><p><bdi>${given.reason}</bdi></p></div>`}
    ${text && html`<p><a href=${`#/cases/${doc.id}/review/${text.version}`}>${t('version.name', { version: text.version })}</a></p>`}
    ${!open ? null : !has('approver', 'director') ? html`<p class="note info">${t('order.not_yours')}</p>` : html`<${Refusal} problem=${act.problem} />${fault && html`<p class="fault" role="alert">✕ ${fault}</p>`}
    <form onSubmit=${send}><${Options} legend=${t('order.legend')} name="first" value=${form.first} onValue=${choose} options=${['everyone', 'community'].map((one) => [one, t(`order.${one}`), t(`order.${one}_more`)])} />
      <${Text} label=${t('form.reason')} hint=${t('order.reason_hint')} value=${form.reason} onValue=${(reason) => set({ reason })} rows=${2} maxlength="2000" fault=${act.fault('/reason')} />
      <div class="acts"><${Button} busy=${act.busy}>${t('order.send')}<//><a class="button secondary" href=${back(doc)}>${t('act.cancel')}</a></div></form>`}</section>`;
}

export function NoResponse({ doc }) {
  const given = doc.no_response && !doc.no_response.reopened_at ? doc.no_response : null, pending = given && !given.confirmed_at;
  const [form, set, sent] = useKept(`no-response/${doc.id}`, { reason: '', any: true, press: true, followers: '10000', other: '' }), act = useAct();
  const confirms = pending && given.proposed_by !== me.value.id && has('approver', 'director');
  const send = (event) => {
    event.preventDefault();
    act.run(async () => {
      const reopen = pending ? [] : [form.any && 'any_message', form.press && 'press', /^\d+$/.test(form.followers) && `followers_over:${form.followers}`, form.other.trim()].filter(Boolean);
      await call('POST', `/cases/${doc.id}/no-response`, { reason: form.reason.trim() || t('no_response.agreed'), reopen_if: reopen });
      sent();
      await Promise.all([refresh(), readCase(doc.id)]);
      go(back(doc));
    });
  };
  if (given?.confirmed_at) return html`<section class="narrow"><h2>${t('no_response.title')}</h2><p>${t('no_response.stands')} <${Who} id=${given.proposed_by} />, <${Who} id=${given.confirmed_by} /></p><blockquote><bdi>${given.reason}</bdi></blockquote><${Conditions} given=${given} /></section>`;
  return html`<section class="narrow"><h2>${t('no_response.title')}</h2><${Refusal} problem=${act.problem} />
    ${pending && html`<blockquote><p><bdi>${given.reason}</bdi></p><footer><${Who} id=${given.proposed_by} /></footer></blockquote><${Conditions} given=${given} />`}
    ${pending && !confirms ? html`<p>${t('case.awaited_confirm')} <strong>${names(organisation.value.people.filter((one) => one.access.some((role) => ['approver', 'director'].includes(role)) && one.id !== given.proposed_by).map((one) => one.id), 'disjunction')}</strong></p>`
    : html`<form onSubmit=${send}><p>${t(pending ? 'no_response.confirm_text' : 'no_response.text')}</p><${Text} label=${t('form.reason')} optional=${Boolean(pending)} value=${form.reason} onValue=${(reason) => set({ reason })} rows=${3} maxlength="2000" fault=${act.fault('/reason')} />
      ${!pending && html`<fieldset><legend>${t('no_response.reopen')}</legend><${Tick} label=${t('no_response.any')} value=${form.any} onValue=${(any) => set({ any })} /><${Tick} label=${t('no_response.press')} value=${form.press} onValue=${(press) => set({ press })} /><${Text} label=${t('no_response.followers')} inputmode="numeric" value=${form.followers} onValue=${(followers) => set({ followers })} /><${Text} label=${t('no_response.other')} optional value=${form.other} onValue=${(other) => set({ other })} fault=${act.fault('/reopen_if')} /></fieldset>`}
      <div class="acts"><${Button} busy=${act.busy}>${t(pending ? 'no_response.confirm' : 'no_response.propose')}<//><a class="button secondary" href=${back(doc)}>${t('act.cancel')}</a></div></form>`}</section>`;
}
const Conditions = ({ given }) => html`<p>${t('no_response.reopens')}</p><ul>${given.reopen_if.map((one) => html`<li key=${one}><bdi>${condition(one)}</bdi></li>`)}</ul>`;
const condition = (text) => {
  const [name, value] = text.split(/:(.*)/s);
  return known(`no_response.condition_${name}`, { value }) ?? (name === 'person' ? value : text);
};

export function DutyForm({ doc, id }) {
  const duty = doc.duties.find((one) => one.id === id);
  const written = writtenKind(duty), itself = Boolean(duty?.automatic || written || tellsItself(id, organisation.value.channels)), found = isTold(id) && !itself;
  const [kept, set, sent] = useKept(`duty/${doc.id}/${id}`, { state: 'done', evidence: '', note: '', who: '', where: '', when: '', what: '' }), act = useAct();
  // What happens by itself is not ticked; it can be set aside.
  const form = itself ? { ...kept, state: 'waived' } : kept;
  if (!duty) return html`<p>${t('duty.unknown')}</p>`;
  const send = (event) => {
    event.preventDefault();
    act.run(async () => {
      await call('POST', `/cases/${doc.id}/duties/${id}`, { state: form.state, ...(found && form.state === 'done' ? { finding: { who: form.who, where: form.where, when: form.when, what: form.what } } : {}), ...(!found && form.state === 'done' && form.evidence.trim() ? { evidence: form.evidence } : {}), ...(form.note.trim() ? { note: form.note } : {}) });
      sent();
      announce(t('duty.settled', { title: duty.title }));
      await Promise.all([refresh(), readCase(doc.id)]);
      go(back(doc));
    });
  };
  return html`<section class="narrow"><h2>${duty.title} <span class="code">${duty.id}</span></h2>
    ${duty.state !== 'open' && !duty.every_hours ? html`<p><${Chip} tone="good">${t(`duty.${duty.state}`)}<//> ${duty.by && html`<${Who} id=${duty.by} />`}</p>` : html`${written && html`<${ByText} doc=${doc} kind=${written} ends=${Boolean(duty.promised_in)} />`}${itself && !written && !duty.automatic && html`<p class="note info by-itself">${t('duty.by_delivery')}</p>`}${id === 'C2.6' ? html`<${NewMeasure} doc=${doc} />` : html`<form onSubmit=${send}><${Refusal} problem=${act.problem} />
      ${!itself && html`<${Options} legend=${t('duty.what')} name="state" value=${form.state} onValue=${(state) => set({ state })} options=${[['done', t('duty.is_done'), t('duty.is_done_more')], ['waived', t('duty.is_waived'), t('duty.is_waived_more')]]} />`}
      ${found && form.state === 'done' && ['who', 'where', 'when', 'what'].map((part) => html`<${Text} key=${part} label=${t(`duty.found_${part}`)} value=${form[part]} onValue=${(value) => set({ [part]: value })} maxlength="500" fault=${act.fault(`/finding/${part}`)} />`)}
      ${!found && form.state === 'done' && html`<${Text} label=${t('duty.evidence_label')} hint=${t(duty.evidence_required ? 'duty.evidence_needed' : 'duty.evidence_hint')} optional=${!duty.evidence_required} value=${form.evidence} onValue=${(evidence) => set({ evidence })} rows=${2} maxlength="2000" fault=${act.fault('/evidence')} />`}
      <${Text} label=${t(form.state === 'waived' ? 'duty.why_not' : 'duty.note')} optional=${form.state !== 'waived'} value=${form.note} onValue=${(note) => set({ note })} rows=${2} maxlength="2000" fault=${act.fault('/note')} />
      <div class="acts"><${Button} busy=${act.busy}>${t(form.state === 'done' ? 'duty.record' : 'duty.set_aside')}<//><a class="button secondary" href=${back(doc)}>${t('act.cancel')}</a></div></form>`}${!duty.automatic && html`<${HandOn} doc=${doc} duty=${duty} />`}`}</section>`;
}
/** Somebody else takes the action on. */
function HandOn({ doc, duty }) {
  const others = organisation.value.people.filter((one) => one.access.includes('responder') && one.id !== duty.owner && !one.left), act = useAct();
  const [form, set, sent] = useKept(`hand-on/${doc.id}/${duty.id}`, { person: '', note: '' });
  if (!others.length) return null;
  return html`<${Fold} title=${t('duty.hand_on')}><form onSubmit=${(event) => { event.preventDefault(); act.run(async () => {
    await call('POST', `/cases/${doc.id}/duties/${duty.id}/owner`, { to: form.person || others[0].id, note: form.note });
    sent();
    announce(t('duty.handed_on'));
    await Promise.all([refresh(), readCase(doc.id)]);
    go(back(doc));
  }); }}><${Refusal} problem=${act.problem} /><${Choice} label=${t('duty.to')} value=${form.person || others[0].id} onValue=${(person) => set({ person })} options=${others.map((one) => [one.id, one.away ? `${one.name} (${t('plan.away')})` : one.name])} /><${Text} label=${t('duty.note')} value=${form.note} onValue=${(note) => set({ note })} rows=${2} maxlength="2000" fault=${act.fault('/note')} /><div class="acts"><${Button} kind="secondary" busy=${act.busy}>${t('duty.hand_on')}<//></div></form><//>`;
}
/** An action that a published text does: where that text stands, and the way to write it. */
function ByText({ doc, kind, ends = false }) {
  const version = versionsOf(doc).find((one) => one.kind === kind && one.state !== 'superseded' && !isOut(doc, one));
  return html`<div class="note info"><p>${t(`duty.by_${kind}`)}</p>${version ? html`<p><a href=${`#/cases/${doc.id}/review/${version.version}`}>${t('version.name', { version: version.version })}</a> · ${t(`version.${version.state}`)}</p>` : null}
    ${['published', 'following_up'].includes(doc.status) ? html`<div class="acts"><a class="button primary" href=${`#/cases/${doc.id}/write/${kind}`}>${t(`write.new_${kind}`)}</a>${ends && html`<a class="button secondary" href=${`#/cases/${doc.id}/write/closing_announcement`}>${t('write.new_closing_announcement')}</a>`}</div>` : html`<p>${t('duty.after_publication')}</p>`}</div>`;
}
