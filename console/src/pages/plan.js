// Plan: who is there, what they do, where texts go, and the playbook of each kind of case. Read only.
import { html } from 'htm/preact';
import { useEffect, useState } from 'preact/hooks';
import { get } from '../api.js';
import { Chip, Fold, Moment, PageTitle, Who } from '../parts.js';
import { desk, now, organisation } from '../state.js';
import { clockTime, language, languageName, t, known } from '../words.js';
import { Phone } from './todo.js';

export function Plan() {
  const all = organisation.value, shifts = desk.value?.on_call ?? [], [week, setWeek] = useState(null);
  useEffect(() => { get('/on-call').then(setWeek, () => {}); }, []);
  return html`<${PageTitle}>${t('nav.plan')}<//><p class="lead">${t('plan.lead')}</p>
    <section><h2>${t('todo.on_call')}</h2>${shifts.length ? html`<ul class="on-call">${shifts.map((shift) => html`<li key=${shift.role + shift.person}><span><strong><${Who} id=${shift.person} /></strong> <span class="more-inline">${known(`duty_roles.${shift.role}`) ?? shift.role}${shift.until ? ` · ${t('todo.until', { time: clockTime(shift.until, now()) })}` : ''}</span></span><${Phone} id=${shift.person} /></li>`)}</ul>` : html`<p>${t('plan.nobody')}</p>`}</section>
    ${week?.shifts.length > 0 && html`<${Fold} title=${t('plan.week')}><ol class="log">${week.shifts.slice(0, 120).map((one) => html`<li key=${one.role + one.from}><span class="log-time"><${Moment} at=${one.from} /></span><span><strong><${Who} id=${one.person} /></strong> <span class="more-inline">${known(`duty_roles.${one.role}`) ?? one.role} · ${one.why} · ${t('todo.until', { time: clockTime(one.to, now()) })}</span></span></li>`)}</ol><//>`}
    ${week?.gaps.length > 0 && html`<div class="note late"><strong>${t('plan.gaps')}</strong><ul>${week.gaps.map((one) => html`<li key=${one.role + one.from}>${known(`duty_roles.${one.role}`) ?? one.role} : <${Moment} at=${one.from} /> – <${Moment} at=${one.to} /></li>`)}</ul></div>`}
    <section><h2>${t('plan.people')}</h2><div class="scroll" tabindex="0" role="group" aria-label=${t('plan.people')}><table><thead><tr><th scope="col">${t('plan.name')}</th><th scope="col">${t('plan.duties')}</th><th scope="col">${t('plan.may')}</th><th scope="col">${t('plan.language')}</th><th scope="col">${t('plan.phone')}</th></tr></thead>
      <tbody>${all.people.map((one) => html`<tr key=${one.id}><th scope="row"><bdi>${one.name}</bdi>${one.away && html` <${Chip} tone="quiet">${t('plan.away')}<//>`}</th><td>${(one.duties ?? []).map((role) => known(`duty_roles.${role}`) ?? role).join(', ') || '–'}</td><td>${(one.access ?? []).map((role) => t(`roles.${role}`)).join(', ') || '–'}</td><td>${languageName(one.language)}</td><td>${one.phone ? html`<a href=${`tel:${one.phone}`}>${one.phone}</a>` : '–'}</td></tr>`)}</tbody></table></div></section>
    ${all.channels?.length > 0 && html`<section><h2>${t('plan.channels')}</h2><div class="scroll" tabindex="0" role="group" aria-label=${t('plan.channels')}><table><thead><tr><th scope="col">${t('plan.channel')}</th><th scope="col">${t('plan.audience')}</th><th scope="col">${t('plan.languages')}</th><th scope="col">${t('plan.in_freeze')}</th></tr></thead>
      <tbody>${all.channels.map((one) => html`<tr key=${one.id}><th scope="row">${one.id}</th><td>${known(`audiences.${one.audience}`) ?? one.audience}</td><td>${(one.languages ?? []).map(languageName).join(', ')}</td><td>${one.audience === 'out_of_band' ? t('plan.always') : one.statement_during_freeze ? t('plan.statement_only') : t('plan.silent')}</td></tr>`)}</tbody></table></div></section>`}
    ${all.playbooks?.length > 0 && html`<section><h2>${t('plan.playbooks')}</h2>${all.playbooks.map((book) => html`<${Fold} key=${book.case} title=${`${book.title?.[language.value] ?? t(`case_types.${book.case}`)} (${t('case.number', { number: book.case })})`}><p>${t('plan.approvals', { n: book.approvals_needed })}</p><ol class="playbook">${book.duties.map((duty) => html`<li key=${duty.id}>${duty.title?.[language.value] ?? duty.title} <span class="code">${duty.id}</span> <span class="more-inline">${known(`duty_roles.${duty.role}`) ?? duty.role}</span></li>`)}</ol><//>`)}</section>`}`;
}
