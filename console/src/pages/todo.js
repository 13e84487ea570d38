// To do: what waits for this person comes first, soonest first, each with one verb.
import { html } from 'htm/preact';
import { call } from '../api.js';
import { Button, Chip, Due, Empty, Foreign, Moment, names, PageTitle, Refusal, Strip, useAct, Who } from '../parts.js';
import { awaited } from '../rules.js';
import { desk, deskIsThere, documents, freeze, has, me, organisation, person, refresh } from '../state.js';
import { clockTime, known, t } from '../words.js';
import { now } from '../state.js';

export const taskTitle = (task) => {
  const w = task.what ?? {};
  if (task.kind === 'write' && w.state === 'rejected') return t('task.write.again', { version: w.again });
  if (task.kind === 'write' && w.state === 'draft') return t('task.write.draft', { version: w.again });
  if (task.kind === 'called') return t('task.called.title', { what: taskTitle({ ...task, kind: w.for, what: {} }) });
  if (task.kind === 'duty') return w.duty_title ?? t('task.duty.title');
  if (task.kind === 'release') return t(`task.release.${w.scope ?? 'all'}`);
  return known(`task.${task.kind}.title`, { ...w, n: w.n ?? 1 }) ?? t('task.other.title');
};
export const taskVerb = (task) => known(`task.${task.kind}.verb`) ?? t('task.other.verb');

export function Task({ task, plain = false }) {
  const w = task.what ?? {}, late = task.due_at && Date.parse(task.due_at) < now();
  const first = task.kind === 'review' || task.kind === 'release' ? w.by : null;
  return html`<li class=${`task ${task.kind === 'release' || task.kind === 'suspicion' ? 'grave' : late ? 'late' : task.due_at ? 'dated' : ''}`}>
    <div class="task-words"><h3>${taskTitle(task)}</h3>
      ${!plain && task.title && html`<p class="task-case"><${Foreign} inline text=${task.title} /></p>`}
      ${task.kind === 'called' && w.people?.length > 0 && html`<p class="task-more">${t('task.called.reach', { names: names(w.people, 'disjunction') })}</p>`}
      <p class="task-more">${w.duty && html`<span class="code">${w.duty}</span> `}${first && html`<span>${t('task.from')} <${Who} id=${first} /></span> `}${task.acknowledged && html`<span>${t('task.taken')} <${Who} id=${task.acknowledged.by} /> · </span>`}${task.since && html`<span>${t('task.since')} <${Moment} at=${task.since} /></span>`}${task.next_person && task.next_person !== me.value?.id && html` <span>· ${t('task.then', { name: person(task.next_person)?.name ?? task.next_person })}</span>`}</p>
      ${task.due_at && html`<${Due} at=${task.due_at} />`}</div>
    <div class="task-acts"><a class="button primary" href=${task.link.replace(/^\//, '')} aria-label=${`${taskVerb(task)}: ${taskTitle(task)}${task.title ? ` — ${task.title}` : ''}`}>${taskVerb(task)}</a>
      ${deskIsThere.value && !plain && !task.acknowledged && html`<${Seen} task=${task} />`}</div></li>`;
}
/** Says that somebody has it in hand: nobody else is called for it, for as long as the organisation gives. */
function Seen({ task }) {
  const act = useAct();
  return html`<${Button} kind="secondary" busy=${act.busy} onClick=${() => act.run(async () => { await call('POST', `/desk/${encodeURIComponent(task.id)}/acknowledge`); await refresh(); })}>${t('task.seen')}<//>${act.problem && html`<${Refusal} problem=${act.problem} />`}`;
}

/** Since when it is public or, while nothing is, since when it is known here. */
export const began = (doc) => (doc.first_published_at ? t('case.first_message', { time: clockTime(doc.first_published_at, now()) }) : t('case.not_public', { time: clockTime(doc.known_at ?? doc.opened_at, now()) }));
export const caseKind = (doc) => (doc.case ? t(`case_types.${doc.case}`) : t('case_types.none'));
export const CaseChips = ({ doc }) => html`<span class="chips">${doc.leak ? html`<${Chip} tone="late" mark="■">${t('case.leak')}<//>` : doc.leak_suspected ? html`<${Chip} tone="soon" mark="?">${t('case.leak_suspected')}<//>` : null}
  <${Chip} tone="info" mark=${null}>${caseKind(doc)}${doc.case ? html`<span class="code-small"> ${t('case.number', { number: doc.case })}</span>` : null}<//>
  <${Chip} tone=${{ critical: 'late', high: 'late', medium: 'soon', low: 'quiet' }[doc.severity]} mark=${null}>${t(`severity.${doc.severity}`)}<//></span>`;

export function CaseCard({ doc }) {
  const full = documents.value[doc.id];
  const waits = doc.waits_for ? (doc.waits_for.length ? [{ people: doc.waits_for }] : []) : full ? awaited(full, organisation.value.people, freeze.value) : [];
  const people = [...new Set(waits.flatMap((one) => one.people))].slice(0, 4);
  return html`<li class="case-card"><div class="case-head"><h3><a href=${`#/cases/${doc.id}`}>${doc.restricted ? t('case.restricted') : html`<${Foreign} inline text=${doc.title || t('case.untitled')} />`}</a></h3><${CaseChips} doc=${doc} /></div>
    <p class="case-line"><bdi>${doc.brand}</bdi> · ${began(doc)} · ${t('case.messages', { n: doc.message_count ?? 1 })} · <strong>${t(`step.${doc.step ?? doc.status}`)}</strong></p>
    <${Strip} origin=${doc.first_published_at} clocks=${doc.clocks ?? []} />
    <p class="case-foot">${doc.open_duties > 0 && html`<span>${t('case.open_actions', { n: doc.open_duties })}</span>`}<span>${people.length ? html`${t('case.awaits')} <strong>${names(people, 'disjunction')}</strong>` : t('case.awaits_nobody')}</span></p></li>`;
}

export function Todo() {
  const data = desk.value, mine = data?.waiting ?? [], cases = data?.cases ?? [];
  return html`<${PageTitle} extra=${has('reporter') && html`<a class="button secondary" href="#/report">${t('report.title')}</a>`}>${t('nav.todo')}<//>
    <div class="board"><section aria-labelledby="for-you" class="board-mine"><h2 id="for-you">${t('todo.for_you')}</h2>
      ${!data ? html`<p class="quiet-line">${t('act.reading')}</p>` : mine.length ? html`<ul class="tasks">${mine.map((task) => html`<${Task} key=${task.id} task=${task} />`)}</ul>` : html`<${Empty}>${t('todo.empty')}<//>`}
      ${data?.on_call?.length > 0 && html`<h2>${t('todo.on_call')}</h2><ul class="on-call">${data.on_call.map((shift) => html`<li key=${shift.role + shift.person}><span><strong><${Who} id=${shift.person} /></strong>${shift.person === me.value.id && html` <span class="more-inline">${t('todo.you')}</span>`}${shift.until && html` <span class="more-inline">${t('todo.until', { time: clockTime(shift.until, now()) })}</span>`}</span><${Phone} id=${shift.person} /></li>`)}</ul>`}
    </section>
    <section aria-labelledby="open-cases" class="board-cases"><h2 id="open-cases">${t('todo.open_cases', { n: cases.length })}</h2>
      ${data && !cases.length ? html`<${Empty}>${t('todo.no_cases')}<//>` : html`<ul class="case-list">${cases.map((doc) => html`<${CaseCard} key=${doc.id} doc=${doc} />`)}</ul>`}
      ${data?.next && html`<p><a href="#/cases">${t('todo.all_cases')}</a></p>`}</section></div>`;
}
export const Phone = ({ id }) => { const number = person(id)?.phone; return number ? html`<a class="button secondary small" href=${`tel:${number}`} aria-label=${t('act.call_person', { name: person(id).name })}>${t('act.call')}</a>` : null; };
