// One case: what to do now comes first; procedure, codes and percentages are folded.
import { html } from 'htm/preact';
import { useEffect, useState } from 'preact/hooks';
import { session } from '../api.js';
import { Chip, Due, Empty, Fold, Foreign, Moment, names, PageTitle, Refusal, Strip, useAct, Who } from '../parts.js';
import { awaited, closable, current, firstMessage, freezeWaits, isMine, mayReview, owed, soonest, titleOf, versionsOf, waiting } from '../rules.js';
import { desk, documents, freeze, has, me, now, organisation, readCase } from '../state.js';
import { clockTime, known, t } from '../words.js';
import { began, CaseChips, Task } from './todo.js';
import { Close } from './case-close.js';
import { Deliveries } from './case-deliveries.js';
import { DutyForm, NoResponse, Order, Suspicion, Triage } from './case-decide.js';
import { Evidence, Messages } from './case-messages.js';
import { Procedure } from './case-procedure.js';
import { CaseReport, Timeline } from './case-timeline.js';
import { Review, Versions } from './case-review.js';
import { Writing } from './case-writing.js';

const VIEWS = ['', 'write', 'texts', 'deliveries', 'messages', 'evidence', 'timeline', 'report'];

export function CasePage({ id, view }) {
  const act = useAct(), doc = documents.value[id], [name = '', detail = ''] = view;
  const read = () => act.run(() => readCase(id));
  useEffect(() => { read(); }, [id]);
  // The desk changed: look whether this case did.
  useEffect(() => { if (doc && session.value === 'open') readCase(id).catch(() => {}); }, [desk.value]);
  if (!doc) return html`<${PageTitle}>${t('case.reading')}<//><${Refusal} problem=${act.problem} />`;
  if (doc.restricted) return html`<${PageTitle}>${t('case.restricted')}<//><p>${t('case.restricted_text')}</p>`;
  const tab = name === 'review' ? 'texts' : ['triage', 'duty', 'close', 'suspicion', 'no-response', 'community-first'].includes(name) ? '' : name;
  return html`<p class="crumbs"><a href="#/cases">${t('nav.cases')}</a></p>
    <${PageTitle}><${Foreign} inline text=${titleOf(doc) || t('case.untitled')} /><//>
    <div class=${name ? 'case-top compact' : 'case-top'}><${CaseChips} doc=${doc} /><p class="case-line"><bdi>${doc.brand}</bdi> · <strong>${t(`status.${doc.no_crisis ? 'no_crisis' : doc.status}`)}</strong> · ${began(doc)} · ${t('case.messages', { n: doc.message_count })}</p>
      ${name !== 'timeline' && html`<${Strip} origin=${doc.first_published_at} clocks=${doc.clocks} />`}</div>
    <nav class="tabs" aria-label=${t('case.views')}>${VIEWS.map((one) => html`<a key=${one} href=${`#/cases/${doc.id}${one ? `/${one}` : ''}`} aria-current=${tab === one ? 'page' : undefined}>${t(`case.view_${one || 'now'}`)}</a>`)}</nav>
    <${View} doc=${doc} name=${name} detail=${detail} />`;
}

function View({ doc, name, detail }) {
  const key = `${doc.id}/${name}/${detail}`;
  switch (name) {
    case 'triage': return html`<${Triage} key=${key} doc=${doc} />`;
    case 'suspicion': return html`<${Suspicion} key=${key} doc=${doc} />`;
    case 'no-response': return html`<${NoResponse} key=${key} doc=${doc} />`;
    case 'community-first': return html`<${Order} key=${key} doc=${doc} />`;
    case 'duty': return html`<${DutyForm} key=${key} doc=${doc} id=${detail} />`;
    case 'write': return html`<${Writing} key=${key} doc=${doc} kind=${detail} />`;
    case 'texts': return html`<${Versions} key=${key} doc=${doc} />`;
    case 'review': return html`<${Review} key=${key} doc=${doc} number=${Number(detail)} />`;
    case 'deliveries': return html`<${Deliveries} key=${key} doc=${doc} />`;
    case 'messages': return html`<${Messages} key=${key} doc=${doc} />`;
    case 'evidence': return html`<${Evidence} key=${key} doc=${doc} />`;
    case 'timeline': return html`<${Timeline} key=${key} doc=${doc} />`;
    case 'report': return html`<${CaseReport} key=${key} doc=${doc} />`;
    case 'close': return html`<${Close} key=${key} doc=${doc} />`;
    default: return html`<${Now} doc=${doc} />`;
  }
}

function Now({ doc }) {
  // Whether an order is asked for stands in the desk alone: the case does not say what its machine waits for.
  const asked = (desk.value?.waiting ?? []).filter((one) => one.kind === 'community_first' && one.case_id === doc.id);
  const mine = soonest([...asked, ...waiting(doc, freeze.value, me.value), ...freezeWaits(freeze.value, me.value, documents.value).filter((one) => one.case_id === doc.id)]);
  const others = awaited(doc, organisation.value.people, freeze.value).filter((one) => one.what !== 'duty');
  const first = firstMessage(doc), latest = versionsOf(doc)[0];
  return html`<div class="case-now"><section aria-labelledby="now-you"><h2 id="now-you">${t('case.now')}</h2>
      ${mine.length ? html`<ul class="tasks">${mine.map((task) => html`<${Task} key=${task.id} task=${task} plain />`)}</ul>` : html`<${Empty}>${doc.status === 'closed' ? t('case.is_closed') : t('case.nothing_for_you')}<//>`}
      ${others.length > 0 && html`<ul class="awaited">${others.map((one) => html`<li key=${one.what + (one.version ?? '')}><${Chip} tone="quiet" mark="◷">${t(`case.awaited_${one.what}`, { version: one.version ?? '' })}<//> ${one.people.length ? html`<strong>${names(one.people, 'disjunction')}</strong>` : t('case.somebody')}</li>`)}</ul>`}
    </section>
    ${first && html`<section><h2>${t('case.first')}</h2><blockquote class="quote"><${Foreign} text=${first.text} lang=${first.language} /><footer><bdi>${first.author?.handle || t('case.unknown_author')}</bdi> · ${t(`platforms.${first.platform}`)} · <${Moment} at=${first.published_at} />${/^https?:/.test(first.url ?? '') && html` · <a href=${first.url} rel="noopener noreferrer" target="_blank">${t('case.see_there')}</a>`}</footer></blockquote></section>`}
    ${!first && doc.notes && html`<section><h2>${t(`case.origin_${doc.origin === 'enquiry' ? 'enquiry' : 'internal'}`)}</h2><blockquote class="quote"><${Foreign} text=${doc.notes} /></blockquote></section>`}
    ${latest && html`<section><h2>${t('case.text')}</h2><${VersionLine} doc=${doc} version=${latest} /></section>`}
    <section><h2>${t('case.actions')}</h2><${Duties} doc=${doc} /></section>
    <section class="folds"><${Fold} title=${t('case.procedure')}><${Procedure} doc=${doc} /><//>
      <${Fold} title=${t('case.why')}><p>${t('case.why_by', { who: ['rules', 'model'].includes(doc.triaged_by) ? t(`case.by_${doc.triaged_by}`) : '' })}${doc.triaged_by && !['rules', 'model'].includes(doc.triaged_by) && html`<${Who} id=${doc.triaged_by} />`}${doc.confidence ? ` · ${t('case.sure', { percent: Math.round(doc.confidence * 100) })}` : ''}</p><p><bdi>${doc.why}</bdi></p>${has('responder') && doc.status !== 'closed' && html`<p><a href=${`#/cases/${doc.id}/triage`}>${t('case.reclassify')}</a></p>`}<//>
      ${doc.status !== 'closed' && has('responder', 'approver', 'director') && html`<${Fold} title=${t('case.other_acts')}><ul class="plain">
        ${has('responder') && html`<li><a href=${`#/cases/${doc.id}/triage`}>${t('case.reclassify')}</a></li>`}
        ${doc.status === 'responding' && html`<li><a href=${`#/cases/${doc.id}/no-response`}>${t('case.no_response')}</a></li>`}
        ${has('responder') && ['published', 'following_up'].includes(doc.status) && ['update', 'correction', 'closing_announcement'].map((kind) => html`<li key=${kind}><a href=${`#/cases/${doc.id}/write/${kind}`}>${t(`write.new_${kind}`)}</a></li>`)}
        ${has('responder') && html`<li><a href=${`#/cases/${doc.id}/close`}>${t('close.title')}</a>${closable(doc) ? '' : html` <span class="more-inline">${t('close.not_yet')}</span>`}</li>`}</ul><//>`}</section></div>`;
}

export function VersionLine({ doc, version }) {
  const tone = { draft: 'soon', in_review: 'running', approved: 'good', rejected: 'late', superseded: 'quiet' }[version.state];
  const mine = mayReview(version, me.value);
  return html`<div class="row"><div><p><a href=${`#/cases/${doc.id}/review/${version.version}`}>${t('version.name', { version: version.version })}</a> · ${t(`kinds.${version.kind}`)} · <${Who} id=${version.by} />, <${Moment} at=${version.at} /></p>
    ${version.review_comment && html`<p class="more"><bdi>${t('text.quote', { text: version.review_comment })}</bdi></p>`}</div><${Chip} tone=${tone}>${version.state === 'in_review' && version.approvals.length ? t('version.in_review_some', { n: version.approvals.length, needed: version.approvals_needed }) : t(`version.${version.state}`)}<//>
    ${mine && html`<a class="button primary" href=${`#/cases/${doc.id}/review/${version.version}`}>${t('task.review.verb')}</a>`}</div>`;
}

/** State, evidence and verb: no box that invites ticking. */
function Duties({ doc }) {
  if (!doc.duties.length) return html`<p class="quiet-line">${t('case.no_actions')}</p>`;
  const order = { open: 0, done: 1, waived: 2 };
  return html`<ul class="rows duties">${[...doc.duties].sort((a, b) => order[a.state] - order[b.state]).map((duty) => {
    const late = duty.state === 'open' && duty.due_at && Date.parse(duty.due_at) < now();
    return html`<li class="row" key=${duty.id}><div><p><span class=${duty.state === 'open' ? '' : 'settled'}>${duty.title}</span> <span class="code">${duty.id}</span></p>
      <p class="more">${duty.automatic ? t('duty.automatic') : html`${duty.owner ? html`<${Who} id=${duty.owner} />` : known(`duty_roles.${duty.role}`) ?? duty.role}`}${duty.evidence && html` · ${t('duty.evidence')}: <bdi class="evidence">${duty.evidence.replace(/,? *sha256:[0-9a-f]{64}/g, '')}</bdi>`}${duty.note && html` · <bdi>${duty.note}</bdi>`}${duty.every_hours ? ` · ${t('duty.rounds', { done: duty.rounds_done, missed: duty.rounds_missed })}${duty.rounds_held ? `, ${t('duty.rounds_held', { held: duty.rounds_held })}` : ''}` : ''}</p></div>
      ${duty.state === 'open' ? (duty.due_at ? html`<${Due} at=${duty.due_at} />` : html`<${Chip} tone=${late ? 'late' : 'quiet'}>${t('duty.open')}<//>`) : html`<${Chip} tone=${duty.state === 'done' ? 'good' : 'quiet'} mark=${duty.state === 'done' ? '✓' : '–'}>${t(`duty.${duty.state}`)}${duty.closed_at ? ` ${clockTime(duty.closed_at, now())}` : ''}<//>`}
      ${duty.state === 'open' && has('responder') && (!duty.automatic || isMine(duty, me.value)) && html`<a class=${`button small ${!duty.automatic && isMine(duty, me.value) ? 'primary' : 'secondary'}`} href=${`#/cases/${doc.id}/duty/${duty.id}`} aria-label=${`${t(duty.automatic ? 'duty.set_aside' : 'task.duty.verb')}: ${duty.title}`}>${t(duty.automatic ? 'duty.set_aside' : 'task.duty.verb')}</a>`}</li>`;
  })}</ul>${owed(doc).length === 0 ? html`<p class="quiet-line">${t('case.all_done')}</p>` : null}`;
}
export { current };
