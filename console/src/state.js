// What the page knows: who I am, the desk, the freeze, the organisation, and the server's time.
import { computed, effect, signal } from '@preact/signals';
import { call, get, holds, online, Problem, session } from './api.js';
import * as rules from './rules.js';

export const me = signal(null);
export const desk = signal(null);
export const freeze = signal(null);
export const organisation = signal({ people: [], brands: [], channels: [], playbooks: [] });
export const documents = signal({});
export const said = signal('');
export const local = JSON.parse(document.querySelector('meta[name=sign-in]')?.content || '{}').way === 'local';

// ── the server's time: the page counts on from the last answer ──
let base = { at: Date.now(), taken: performance.now(), speed: 1 };
export const now = () => base.at + (performance.now() - base.taken) * base.speed;
export const tick = signal(0);
export function itIs(text, speed = base.speed) {
  const at = Date.parse(text);
  if (Number.isFinite(at)) base = { at, taken: performance.now(), speed };
}
setInterval(() => { if (!document.hidden) tick.value++; }, 1000);

// ── people ──
export const person = (id) => organisation.value.people.find((one) => one.id === id);
export const nameOf = (id) => person(id)?.name ?? desk.value?.names?.[id] ?? (id === me.value?.id ? me.value.name : id ?? '');
export const has = (...roles) => Boolean(me.value?.access.some((role) => roles.includes(role)));
export const frozen = computed(() => Boolean(freeze.value?.active));

// ── reading ──
export const deskIsThere = signal(false);
let tag = null, deskIsServed = true, organisationIsServed = true, reading = null;

/** Reads the desk anew; at most one at a time. */
export function refresh() {
  reading ??= read().catch((error) => {
    if (!(error instanceof Problem)) throw error;
  }).finally(() => { reading = null; });
  return reading;
}

async function read() {
  if (session.value !== 'open') return;
  // The first view has the time from the desk itself; on this machine the clock can leap, and is asked.
  if (local && (!deskIsServed || desk.value)) { const { now: at, speed } = await get('/_local/clock'); itIs(at, speed); }
  if (deskIsServed) {
    try {
      const answer = await call('GET', '/desk', undefined, { headers: tag ? { 'if-none-match': tag } : {} });
      if (answer.status === 200) {
        tag = answer.headers.get('etag');
        accept(answer.data);
        deskIsThere.value = true;
      }
      const at = answer.headers.get('x-now') ?? answer.data?.now;
      if (at) itIs(at);
      return;
    } catch (error) {
      if (error.status !== 404) throw error;
      deskIsServed = false;
      return read();
    }
  }
  return gather();
}

function accept(data) {
  freeze.value = { ...(freeze.value ?? {}), ...data.freeze };
  desk.value = data;
}

/** The desk drawn from single calls, for a server that has no GET /desk. */
async function gather() {
  const [frost, page] = await Promise.all([get('/freeze'), get('/cases?limit=50')]);
  const open = page.cases.filter((one) => one.status !== 'closed').slice(0, 30);
  const docs = await Promise.all(open.map((one) => get(`/cases/${one.id}`).catch(() => null)));
  const known = Object.fromEntries(docs.filter(Boolean).map((doc) => [doc.id, doc]));
  documents.value = { ...documents.value, ...known };
  const waiting = docs.filter(Boolean).flatMap((doc) => rules.waiting(doc, frost, me.value));
  waiting.push(...rules.freezeWaits(frost, me.value, known));
  const drawn = {
    now: new Date(now()).toISOString(), waiting: rules.soonest(waiting), next: page.next, freeze: frost, on_call: await onDuty(),
    cases: open.map((one) => ({ ...one, ...rules.shown(known[one.id], frost) })),
  };
  freeze.value = frost;
  if (JSON.stringify({ ...drawn, now: 0 }) !== JSON.stringify({ ...desk.value, now: 0 })) desk.value = drawn;
}

let onCallIsServed = true;
async function onDuty() {
  const at = new Date(now());
  if (onCallIsServed) {
    try {
      const shifts = (await get(`/on-call?from=${at.toISOString()}&to=${new Date(+at + 60_000).toISOString()}`)).shifts;
      return shifts.map((one) => ({ role: one.role, person: one.person, until: one.to }));
    } catch (error) { if (error.status === 404) onCallIsServed = false; }
  }
  return rules.onCall(organisation.value.people);
}

/** Everything about the freeze: what the desk carries of it is short. */
export async function readFreeze() { freeze.value = await get('/freeze'); }

/** A case with all its texts and deliveries: an answer holds a page of each, and what needs somebody may stand on the last. */
async function whole(first) {
  let doc = first;
  while (doc.deliveries_next || doc.responses_next) {
    const wanted = ['deliveries', 'responses'].filter((list) => doc[`${list}_next`]);
    const page = await get(`/cases/${encodeURIComponent(doc.id)}?${new URLSearchParams(wanted.map((list) => [list, doc[`${list}_next`]]))}`);
    doc = { ...doc, ...Object.fromEntries(wanted.flatMap((list) => [[list, [...doc[list], ...page[list]]], [`${list}_next`, page[`${list}_next`]]])) };
  }
  return doc;
}
const asked = {}, taken = {};
export async function readCase(id) {
  const turn = asked[id] = (asked[id] ?? 0) + 1;
  const doc = await whole(await get(`/cases/${encodeURIComponent(id)}`));
  // An answer that was overtaken on its way tells of an earlier state: what stands there is newer.
  if (turn > (taken[id] ?? 0)) {
    taken[id] = turn;
    documents.value = { ...documents.value, [id]: doc };
  }
  return doc;
}
/** Takes in the case that an act has answered with. */
export function take(doc) {
  documents.value = { ...documents.value, [doc.id]: doc };
  if (doc.deliveries_next || doc.responses_next) readCase(doc.id).catch(() => {});
}

/** Takes in what is known of the organisation; nobody lacks a list. */
export function knowOrganisation(data) {
  const people = (data.people ?? organisation.value.people).map((one) => ({ access: [], duties: [], ...one }));
  organisation.value = { ...organisation.value, ...data, people };
}
export async function readOrganisation() {
  if (organisationIsServed) {
    try { knowOrganisation(await get('/organisation')); return; } catch (error) {
      if (error.status === 404) organisationIsServed = false;
    }
  }
  if (local) knowOrganisation(await get('/_local/people'));
}

// ── living ──
const VISIBLE = 5_000, HIDDEN = 60_000; // milliseconds
let timer = null;
export function live() {
  clearTimeout(timer);
  timer = setTimeout(async () => { await refresh(); live(); }, document.hidden ? HIDDEN : VISIBLE);
}
document.addEventListener('visibilitychange', () => { if (session.value === 'open') { if (!document.hidden) refresh(); live(); } });
window.addEventListener('online', () => { if (session.value === 'open') refresh(); });
window.addEventListener('offline', () => { online.value = false; });

/** Begins with a token for a person who is known to the page. */
export async function begin(text, fallback) {
  holds(text);
  try { me.value = await get('/me'); } catch (error) {
    if (error.status !== 404) throw error;
    me.value = { id: fallback.id, name: fallback.name ?? fallback.id, language: fallback.language, time_zone: fallback.time_zone,
      access: fallback.access ?? [], duties: fallback.duties ?? [], on_call: (fallback.duties ?? []).includes('on_call') };
  }
}
export function end() {
  holds(null);
  clearTimeout(timer);
  me.value = desk.value = freeze.value = null;
  documents.value = {};
  tag = null;
}
/** Says something once to people who hear the page. */
export function announce(text) { said.value = ''; setTimeout(() => { said.value = text; }, 60); }
effect(() => { if (me.value) document.documentElement.dataset.person = me.value.id; else delete document.documentElement.dataset.person; });
