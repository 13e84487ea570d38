// Report: a link is enough to begin; what its page says is shown for correction. A person never needs to know a code.
import { html } from 'htm/preact';
import { useEffect, useState } from 'preact/hooks';
import { call, Problem } from '../api.js';
import { Button, Choice, Fold, Options, PageTitle, Refusal, Text, Tick, useAct, useKept } from '../parts.js';
import { go } from '../route.js';
import { takeShared } from '../signin.js';
import { desk, has, now, organisation, refresh } from '../state.js';
import { placeName, t, zone } from '../words.js';

export const PLATFORMS = ['x', 'facebook', 'instagram', 'linkedin', 'tiktok', 'youtube', 'reddit', 'bluesky', 'mastodon', 'blog', 'forum', 'press', 'review', 'app_store', 'other'];
const HOSTS = [[/(^|\.)(x|twitter)\.com$/, 'x'], [/facebook\.com$|fb\.com$/, 'facebook'], [/instagram\.com$/, 'instagram'], [/linkedin\.com$/, 'linkedin'], [/tiktok\.com$/, 'tiktok'], [/youtube\.com$|youtu\.be$/, 'youtube'], [/reddit\.com$/, 'reddit'], [/bsky\.app$/, 'bluesky'], [/mastodon|mstdn|piaille/, 'mastodon'], [/^apps\.apple\.com$|^play\.google\.com$/, 'app_store'], [/trustpilot|avis-verifies/, 'review'], [/forum/, 'forum']];
export const platformOf = (url) => { try { const host = new URL(url).hostname.toLowerCase(); return HOSTS.find(([pattern]) => pattern.test(host))?.[1] ?? ''; } catch { return ''; } };

/** A moment as a person types it in their own zone, and back. */
export function localInput(at) {
  const parts = Object.fromEntries(new Intl.DateTimeFormat('en-CA', { timeZone: zone.value, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).formatToParts(new Date(at)).map((one) => [one.type, one.value]));
  return `${parts.year}-${parts.month}-${parts.day}T${parts.hour}:${parts.minute}`;
}
export function fromLocalInput(text) {
  const wanted = Date.parse(`${text}:00Z`);
  if (!Number.isFinite(wanted)) return null;
  // The zone's offset at that moment; twice, for the hours around a change.
  let at = wanted;
  for (let turn = 0; turn < 2; turn++) at = wanted - (Date.parse(`${localInput(at)}:00Z`) - Math.floor(at / 60_000) * 60_000);
  return new Date(at).toISOString().replace('.000Z', 'Z');
}

const ORIGINS = ['message', 'enquiry', 'internal'];
const EMPTY = { origin: 'message', url: '', text: '', platform: '', when: '', author: '', brand: '', notes: '', leak: false, fault: 'unknown', own: false, key: '', looked: '' };
export function Report() {
  const brands = organisation.value.brands?.length ? organisation.value.brands.map((one) => one.name) : [...new Set((desk.value?.cases ?? []).map((one) => one.brand))];
  const [form, set, sent] = useKept('report', EMPTY), isPublic = form.origin === 'message', look = useAct(), act = useAct(), [done, setDone] = useState(null), [wrong, setWrong] = useState({});
  useEffect(() => { const shared = takeShared(); if (shared) { set({ url: shared.url, text: shared.text !== shared.url ? shared.text : form.text, platform: platformOf(shared.url) || form.platform }); } }, []);
  const fetchIt = () => look.run(async () => {
    let found;
    try { found = (await call('POST', '/reports/look', { url: form.url.trim() })).data; } catch (error) {
      if (!(error instanceof Problem) || error.status === 0 || error.status === 401) throw error;
      set((typed) => ({ looked: error.status === 409 ? 'frozen' : 'typed', platform: typed.platform || platformOf(form.url) || 'other' }));
      return;
    }
    // What was typed meanwhile stays.
    set((typed) => ({ looked: 'found', text: typed.text || found.text || '', author: typed.author || found.author?.handle || '', platform: found.platform || platformOf(form.url) || typed.platform, when: typed.when || (found.published_at ? localInput(found.published_at) : '') }));
  });
  const send = (event) => {
    event.preventDefault();
    const faults = { brand: !(form.brand || brands[0]) && t('report.needs_brand'), text: !form.text.trim() && t(isPublic ? 'report.needs_text' : 'report.needs_known_text'), when: !fromLocalInput(form.when) && t(isPublic ? 'report.needs_when' : 'report.needs_known') };
    setWrong(faults);
    const first = Object.keys(faults).find((name) => faults[name]);
    if (first) { document.getElementsByName(first)[0]?.focus(); return; }
    const key = form.key || crypto.randomUUID();
    set({ key });
    act.run(async () => {
      const where = isPublic ? { notes: form.notes, message: { text: form.text, platform: form.platform || 'other', published_at: fromLocalInput(form.when), on_own_platform: form.own, ...(form.url.trim() ? { url: form.url.trim() } : {}), ...(form.author.trim() ? { author: { handle: form.author.trim() } } : {}) } }
        : { origin: form.origin, known_at: fromLocalInput(form.when), notes: [form.text, form.notes].filter((one) => one.trim()).join('\n') };
      const body = { brand: form.brand || brands[0], ...where,
        asserted: { ...(form.leak ? { confidential_leak: true } : {}), ...(form.fault !== 'unknown' ? { at_fault: form.fault } : {}) } };
      let answer;
      try { answer = await call('POST', '/incidents', body, { headers: { 'idempotency-key': key } }); } catch (error) {
        // Corrected after a refusal, it is another report; after a lost answer it is the same one.
        if (error.status >= 400) set({ key: '' });
        throw error;
      }
      sent();
      setDone(answer.data);
      refresh();
    });
  };
  if (!has('reporter')) return html`<${PageTitle}>${t('report.title')}<//><p>${t('report.not_yours')}</p>`;
  if (done) return html`<${PageTitle}>${t('report.title')}<//><div class="done" role="status"><h2><span aria-hidden="true">✓ </span>${done.joined ? t('report.joined') : t('report.opened')}</h2><p>${t('report.next')}</p><div class="acts"><a class="button primary" href=${`#/cases/${done.case_id}`}>${t('report.see')}</a><${Button} kind="secondary" onClick=${() => { set({ ...EMPTY }); sent(); setDone(null); }}>${t('report.another')}<//></div></div>`;
  const field = (name) => ({ value: form[name], onValue: (value) => set({ [name]: value }), name });
  return html`<${PageTitle}>${t('report.title')}<//><p class="lead">${t('report.lead')}</p>
    <form class="narrow" onSubmit=${send} novalidate><${Refusal} problem=${act.problem} />
      <${Options} legend=${t('report.origin')} name="origin" value=${form.origin} onValue=${(origin) => set({ origin })} options=${ORIGINS.map((one) => [one, t(`report.origin_${one}`)])} />
      ${isPublic && html`<div class="with-button"><${Text} label=${t('report.url')} hint=${t('report.url_hint')} ...${field('url')} type="url" inputmode="url" optional /><${Button} kind="secondary" busy=${look.busy} onClick=${fetchIt}>${t('report.look')}<//></div>`}
      <${Refusal} problem=${look.problem} />
      ${form.looked && html`<p class=${`note ${form.looked}`} role="status">${t(`report.looked_${form.looked}`)}</p>`}
      <${Text} label=${t(isPublic ? 'report.text' : `report.${form.origin}_text`)} ...${field('text')} rows=${4} fault=${wrong.text || act.fault('/message/text') || (!isPublic && act.fault('/notes'))} />
      <div class="pair">${isPublic && html`<${Choice} label=${t('report.platform')} ...${field('platform')} value=${form.platform || 'other'} options=${PLATFORMS.map((one) => [one, t(`platforms.${one}`)])} />`}
        <${Text} label=${t(isPublic ? 'report.when' : 'report.known_when')} hint=${t(isPublic ? 'report.when_hint' : 'report.known_hint', { zone: placeName() })} ...${field('when')} type="datetime-local" max=${localInput(now() + 300_000)} fault=${wrong.when || act.fault('/message/published_at') || act.fault('/known_at')} /></div>
      <div class="pair">${isPublic && html`<${Text} label=${t('report.author')} optional ...${field('author')} />`}
        ${brands.length ? html`<${Choice} label=${t('report.brand')} ...${field('brand')} value=${form.brand || brands[0]} options=${brands.map((one) => [one, one])} />` : html`<${Text} label=${t('report.brand')} ...${field('brand')} fault=${wrong.brand || act.fault('/brand')} />`}</div>
      ${isPublic && html`<${Tick} label=${t('report.own')} value=${form.own} onValue=${(own) => set({ own })} />`}
      <${Text} label=${t('report.notes')} hint=${t('report.notes_hint')} optional ...${field('notes')} rows=${2} />
      <fieldset class="vouch"><legend>${t('report.vouch')}</legend><p class="hint">${t('report.vouch_hint')}</p>
        <${Tick} label=${t('report.leak')} value=${form.leak} onValue=${(leak) => set({ leak })} />
        ${form.leak && html`<p class="note late" role="status">${t('report.leak_freezes')}</p>`}
        <${Options} legend=${t('report.fault')} name="fault" value=${form.fault} onValue=${(fault) => set({ fault })} options=${['unknown', 'company', 'external'].map((one) => [one, t(`report.fault_${one}`)])} /></fieldset>
      <div class="acts"><${Button} kind="primary big" busy=${act.busy}>${t('report.send')}<//></div></form>
    <${Fold} title=${t('report.bookmark')}><p>${t('report.bookmark_text')}</p><p><a class="button secondary" href=${`javascript:void(open('${location.origin}/?url='+encodeURIComponent(location.href)+'&text='+encodeURIComponent(String(getSelection()))))`} onClick=${(event) => event.preventDefault()}>${t('report.bookmark_link')}</a></p><//>`;
}
