// Who sits before the page. On this machine one is chosen; on AWS Cognito's managed login asks (authorization code with PKCE). The
// access token lives in memory alone; a reload asks the login's own cookie again.
import { signal } from '@preact/signals';
import { html } from 'htm/preact';
import { useEffect, useState } from 'preact/hooks';
import { call, get, holds, session } from './api.js';
import { belongsTo, forgetAll } from './kept.js';
import { Button, Options, Refusal, useAct } from './parts.js';
import { go, route } from './route.js';
import { begin, desk, end, knowOrganisation, live, me, readOrganisation, refresh } from './state.js';
import { language, LANGUAGES, missing, speak, t, zone } from './words.js';

const settings = JSON.parse(document.querySelector('meta[name=sign-in]')?.content || '{}');
const SELF = 'person', FLOW = 'sign-in';
const remember = (key, value) => { try { value === null ? sessionStorage.removeItem(key) : sessionStorage.setItem(key, value); } catch { /* not kept */ } };
const recall = (key) => { try { return sessionStorage.getItem(key); } catch { return null; } };

/** Until it is known whether somebody goes on where they were, nobody is asked who they are. */
export const arriving = signal(true);
/** After the page has loaded: goes on where a person was, or comes back from the login. */
export async function arrive() {
  try { await comeIn(); } finally { arriving.value = false; }
}
async function comeIn() {
  const query = new URLSearchParams(location.search);
  const shared = ['url', 'text', 'title'].map((name) => query.get(name)).filter(Boolean);
  if (query.has('code') || query.has('error')) await comeBack(query);
  else if (settings.way === 'local' && recall(SELF)) {
    try { await enter(JSON.parse(recall(SELF))); } catch { remember(SELF, null); }
  } else if (settings.way === 'cognito' && recall(SELF)) await depart();
  if (location.search) history.replaceState(null, '', `/${location.hash}`);
  if (shared.length) {
    remember('shared', JSON.stringify({ url: query.get('url') ?? (query.get('text') ?? '').match(/https?:\/\/\S+/)?.[0] ?? '', text: query.get('text') ?? '' }));
    go('#/report');
  }
}
export const takeShared = () => { const found = recall('shared'); remember('shared', null); return found ? JSON.parse(found) : null; };

async function opened(token, person) {
  await begin(token, person);
  belongsTo(me.value.id);
  remember(SELF, JSON.stringify({ ...person, id: me.value.id }));
  if (me.value.time_zone) zone.value = me.value.time_zone;
  await refresh();
  // What the desk does not name itself comes after the first view.
  setTimeout(() => readOrganisation().catch(() => {}), (route.value[0] ?? 'todo') === 'todo' && desk.value?.names ? 1500 : 0);
  live();
}

// ── on this machine ──
export async function enter(person) {
  const { data } = await call('POST', '/_local/token', { sub: person.id, roles: person.access ?? [] });
  await opened(data.token, person);
}

// ── on AWS ──
const random = () => btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(32)))).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
const home = () => `${location.origin}/`;
export async function depart() {
  const flow = { state: random(), nonce: random(), verifier: random(), place: location.hash };
  remember(FLOW, JSON.stringify(flow));
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(flow.verifier));
  const challenge = btoa(String.fromCharCode(...new Uint8Array(digest))).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
  const query = new URLSearchParams({ response_type: 'code', client_id: settings.client, redirect_uri: home(), scope: 'openid', state: flow.state, nonce: flow.nonce, code_challenge: challenge, code_challenge_method: 'S256' });
  location.assign(`${settings.domain}/oauth2/authorize?${query}`);
}
async function comeBack(query) {
  const flow = JSON.parse(recall(FLOW) ?? 'null');
  remember(FLOW, null);
  // A code that this tab did not ask for is not taken.
  if (!flow || query.get('state') !== flow.state || !query.get('code')) return;
  try {
    const { data } = await call('POST', '/session', { code: query.get('code'), code_verifier: flow.verifier, redirect_uri: home(), nonce: flow.nonce });
    if (/^#\//.test(flow.place ?? '')) history.replaceState(null, '', `/${flow.place}`);
    route.value = decodeURI(location.hash.replace(/^#\/?/, '')).split('/').filter(Boolean);
    await opened(data.access_token, {});
  } catch { holds(null); }
}

// ── leaving, staying ──
export function leave() {
  forgetAll();
  end();
  history.replaceState(null, '', '/');
  route.value = [];
  if (settings.way === 'cognito') location.assign(`${settings.domain}/logout?${new URLSearchParams({ client_id: settings.client, logout_uri: home() })}`);
}
export async function stay() {
  if (settings.way === 'local') await enter(me.value);
  else await depart();
}

/** The session has ended: the same person goes on, or leaves; what was typed stays for the former alone. */
export function Again() {
  const act = useAct();
  return html`<p>${t('session.over_text')}</p><${Refusal} problem=${act.problem} />
    <div class="acts"><${Button} busy=${act.busy} onClick=${() => act.run(async () => { await stay(); session.value = 'open'; })}>${t('session.again', { name: me.value?.name ?? '' })}<//>
    <${Button} kind="secondary" onClick=${leave}>${t('session.sign_out')}<//></div>`;
}

export const LanguageSwitch = () => html`<div class="languages" role="group" aria-label=${t('language.label')}>${LANGUAGES.map((tag) => html`<button key=${tag} type="button" lang=${tag} aria-pressed=${language.value === tag} onClick=${() => speak(tag)}>${t(`language.${tag}`)}</button>`)}</div>`;

export function SignIn() {
  const [list, setList] = useState(null), act = useAct();
  useEffect(() => { document.title = `${t('signin.title')} · sangfroid`; }, [language.value]);
  useEffect(() => { if (settings.way === 'local' && !list) act.run(async () => { const file = await get('/_local/people'); knowOrganisation(file); setList(file.people); }); }, []);
  const choose = (person) => act.run(async () => { if (!recall('spoke')) speak(person.language ?? language.value); await enter(person); if (!route.value.length) go('#/todo'); });
  return html`<div class="signin"><header class="signin-head"><span class="brand"><span class="brand-mark" aria-hidden="true"></span>sangfroid</span><${LanguageSwitch} /></header>
    <main id="main"><h1>${t('signin.title')}</h1>
    ${settings.way === 'local' ? html`<p class="lead">${t('signin.local')}</p><${Refusal} problem=${act.problem} />
      <ul class="people">${(list ?? []).map((person) => html`<li key=${person.id}><button type="button" class="person-card" data-person=${person.id} aria-disabled=${act.busy ? 'true' : undefined} onClick=${() => choose(person)}><span class="avatar" aria-hidden="true">${person.name.split(/\s+/).map((part) => part[0]).slice(0, 2).join('')}</span><span><strong><bdi>${person.name}</bdi></strong><span class="more">${may(person)}</span></span></button></li>`)}</ul>`
    : html`<p class="lead">${t('signin.cognito')}</p><${Button} onClick=${() => { remember(SELF, 'cognito'); depart(); }}>${t('signin.go')}<//>`}</main></div>`;
}
const may = (person) => (person.access?.length ? person.access.map((role) => t(`may.${role}`)).join(' · ') : t('may.none'));
Object.assign(window, { sangfroidWords: missing });
