// The shell: who is signed in, where we are, and what no page may hide: the freeze, a lost connection, the end of a session.
/* global MANIFEST, ICON */
import { Component, render } from 'preact';
import { html } from 'htm/preact';
import { useEffect, useState } from 'preact/hooks';
import '@preact/signals';
import { online, session, sessionEnds } from './api.js';
import { Banner, FreezeDialog } from './freeze.js';
import { Dialog } from './parts.js';
import { route } from './route.js';
import { arrive, arriving, Again, leave, SignIn, stay } from './signin.js';
import { announce, desk, freeze, frozen, has, live, local, me, now, organisation, refresh, said, tick } from './state.js';
import { clockTime, duration, language, LANGUAGES, placeName, speak, t } from './words.js';
import { After } from './pages/after.js';
import { CasePage } from './pages/case.js';
import { Cases } from './pages/cases.js';
import { Drills } from './pages/drills.js';
import { FreezePage, ReleasePage } from './pages/freeze.js';
import { Plan } from './pages/plan.js';
import { Report } from './pages/report.js';
import { Todo } from './pages/todo.js';

const PLACES = [['todo', '#/todo'], ['cases', '#/cases'], ['report', '#/report'], ['plan', '#/plan'], ['after', '#/after'], ['drills', '#/drills']];
const icons = {
  todo: 'M4 6h2M4 12h2M4 18h2M10 6h10M10 12h10M10 18h10', cases: 'M3 7h7l2 2h9v11H3z', report: 'M12 5v14M5 12h14',
  plan: 'M8 6a3 3 0 1 0 0 .1M3 20c0-4 2-6 5-6s5 2 5 6M17 8a2.5 2.5 0 1 0 0 .1M16 14c3 0 5 2 5 5', after: 'M4 19h16M7 16v-5M12 16V6M17 16v-8', drills: 'M12 4a8 8 0 1 0 .1 0M12 8v4l3 2',
};
export const Icon = ({ path }) => html`<svg class="icon-line" viewBox="0 0 24 24" aria-hidden="true"><path d=${path} /></svg>`;

function Page() {
  const [place = 'todo', ...rest] = route.value;
  const key = route.value.slice(0, 2).join('/');
  switch (place) {
    case 'cases': return rest.length ? html`<${CasePage} key=${key} id=${rest[0]} view=${rest.slice(1)} />` : html`<${Cases} />`;
    case 'report': return html`<${Report} />`;
    case 'plan': return html`<${Plan} />`;
    case 'after': return html`<${After} />`;
    case 'drills': return html`<${Drills} />`;
    case 'freeze': return html`<${FreezePage} />`;
    case 'release': return html`<${ReleasePage} key=${route.value.join('/')} scope=${rest[0]} about=${rest[1]} />`;
    default: return html`<${Todo} />`;
  }
}

/** A fault of one page takes neither the banner nor the navigation along. */
class Guard extends Component {
  componentDidCatch(error) {
    this.setState({ failed: true });
    reportError(error);
  }
  render({ children }, { failed }) {
    return failed ? html`<h1>${t('problem.page')}</h1><p>${t('problem.page_text')}</p><p><button type="button" class="secondary" onClick=${() => location.reload()}>${t('problem.reload')}</button></p>` : children;
  }
}

function Head({ onFreeze }) {
  const [open, setOpen] = useState(false);
  const place = route.value[0] ?? 'todo';
  const waits = desk.value?.waiting.length ?? 0;
  useEffect(() => {
    if (!open) return undefined;
    const shut = (event) => { if (event.key === 'Escape' || (event.type === 'click' && !event.target.closest('.person'))) setOpen(false); };
    addEventListener('keydown', shut);
    addEventListener('click', shut);
    return () => { removeEventListener('keydown', shut); removeEventListener('click', shut); };
  }, [open]);
  return html`<header class="head">
    <a class="brand" href="#/todo"><span class="brand-mark" aria-hidden="true"></span><span class="brand-name">sangfroid</span></a>
    <nav class="places" aria-label=${t('nav.label')}>${PLACES.map(([name, link]) => html`<a key=${name} href=${link} aria-current=${place === name ? 'page' : undefined}><${Icon} path=${icons[name]} /><span>${t(`nav.${name}`)}</span>${name === 'todo' && waits > 0 && html`<b class="count" aria-label=${t('todo.count', { n: waits })}>${waits}</b>`}</a>`)}</nav>
    <div class="head-end">
      <${Now} />
      <div class="person"><button type="button" class="quiet-button" aria-expanded=${open} aria-controls="person-menu" onClick=${() => setOpen(!open)}><bdi>${me.value.name}</bdi> <span aria-hidden="true">▾</span></button>
        ${open && html`<div class="menu" id="person-menu"><p class="menu-roles">${me.value.access.length ? me.value.access.map((role) => t(`roles.${role}`)).join(' · ') : t('roles.none')}</p>
          <div class="languages" role="group" aria-label=${t('language.label')}>${LANGUAGES.map((tag) => html`<button key=${tag} type="button" lang=${tag} aria-pressed=${language.value === tag} onClick=${() => speak(tag)}>${t(`language.${tag}`)}</button>`)}</div>
          <button type="button" class="menu-item" onClick=${leave}>${t('session.sign_out')}</button></div>`}</div>
      ${has('director') && (!frozen.value || freeze.value.state === 'statement') && html`<button type="button" class="freeze-button" onClick=${onFreeze}>${t('freeze.button')}</button>`}
    </div></header>`;
}
const Now = () => { tick.value; return html`<span class="now" title=${new Date(now()).toISOString()}>${placeName()} ${clockTime(now(), now())}</span>`; };

function Notices() {
  tick.value;
  const ends = sessionEnds(), left = ends ? ends - now() : Infinity;
  return html`${!online.value && html`<div class="notice late" role="alert"><strong>${t('offline.title')}</strong> ${t('offline.kept')} <button type="button" class="link" onClick=${refresh}>${t('offline.retry')}</button></div>`}
    ${session.value === 'open' && left < 5 * 60_000 && html`<div class="notice soon" role="alert"><strong>${t('session.ends', { duration: duration(left) })}</strong> ${t('session.kept')} <button type="button" class="link" onClick=${stay}>${t('session.stay')}</button></div>`}`;
}

/** A reminder or a breach is said once, by words, never by seconds. */
const heard = new Set();
function Crier() {
  tick.value;
  for (const doc of desk.value?.cases ?? []) {
    for (const clock of doc.clocks ?? []) {
      if (!['running', 'breached'].includes(clock.state)) continue;
      const left = Date.parse(clock.due_at) - now();
      const mark = left < 0 ? 'late' : [0.5, 1, 2, 6].find((hours) => left <= hours * 3_600_000);
      const key = `${doc.id}/${clock.id}/${mark}`;
      if (mark === undefined || heard.has(key)) continue;
      const first = !heard.has(`${doc.id}/${clock.id}`);
      heard.add(key).add(`${doc.id}/${clock.id}`);
      if (!first) announce(mark === 'late' ? t('clock.said_late', { title: doc.title ?? '', clock: t(`clocks.${clock.id}`) }) : t('clock.said_left', { title: doc.title ?? '', clock: t(`clocks.${clock.id}`), duration: duration(left) }));
    }
  }
  return html`<p class="unseen" role="status">${said.value}</p>`;
}

function Console() {
  const [freezing, setFreezing] = useState(false);
  useEffect(() => { document.documentElement.lang = language.value; }, [language.value]);
  if (!me.value) return arriving.value ? html`<p class="loading">sangfroid…</p>` : html`<${SignIn} />`;
  return html`<a class="skip" href="#main" onClick=${(event) => { event.preventDefault(); document.getElementById('main').focus(); }}>${t('nav.skip')}</a>
    <${Banner} /><${Head} onFreeze=${() => setFreezing(true)} /><${Notices} />
    <main id="main" tabindex="-1" class=${frozen.value ? 'in-freeze' : ''}><${Guard} key=${route.value.join('/')}><${Page} /><//></main>
    <footer class="foot"><span><a href="#/plan">${t('help.who')}</a>${organisation.value.room?.phone && html` · <a href=${`tel:${organisation.value.room.phone}`}>${t('help.room', { phone: organisation.value.room.phone })}</a>`}</span><span>${local ? t('foot.local') : ''}</span></footer>
    <${Crier} />
    ${freezing && html`<${FreezeDialog} onClose=${() => setFreezing(false)} />`}
    ${session.value === 'over' && html`<${Dialog} title=${t('session.over')} closable=${false}><${Again} /><//>`}`;
}

for (const [rel, href] of [['manifest', MANIFEST], ['icon', ICON]]) {
  const link = document.querySelector(`link[rel=${rel}]`) ?? document.head.appendChild(Object.assign(document.createElement('link'), { rel }));
  if (rel === 'manifest') link.href = href;
}
document.documentElement.lang = language.value;
const place = document.getElementById('console');
place.replaceChildren();
render(html`<${Console} />`, place);
arrive().then(() => { if (session.value === 'open') live(); });
