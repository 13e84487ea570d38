// The writing desk: languages side by side, what the charter says as one writes, how each channel will show it. Kept as one types.
import { html } from 'htm/preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { diffWords } from 'diff';
import { call, get, Problem } from '../api.js';
import { Button, Dialog, Moment, Refusal, Tick, useAct, useKept, Who } from '../parts.js';
import { go } from '../route.js';
import { length, versionsOf } from '../rules.js';
import { announce, has, organisation, readCase, refresh } from '../state.js';
import { known, languageName, number, t } from '../words.js';

const PAUSE = 700; // milliseconds after the last key
const DRAFT_PATIENCE = 6_000; // milliseconds; after that a person begins on a white page
const languagesOf = (doc) => organisation.value.brands?.find((one) => one.name === doc.brand)?.languages ?? ['fr', 'en'];
let checkIsServed = true, draftIsServed = true;

export function Writing({ doc, kind: asked }) {
  const kind = asked || null;
  const versions = versionsOf(doc).filter((one) => one.kind !== 'answer' && (!kind || one.kind === kind));
  const newest = versionsOf(doc)[0], start = versions.find((one) => Object.keys(one.texts).length) ?? null;
  const languages = [...new Set([...languagesOf(doc), ...Object.keys(start?.texts ?? {})])];
  const place = `write/${doc.id}/${kind ?? ''}`;
  const [form, set, sent] = useKept(place, { texts: kind ? {} : start?.texts ?? {}, based_on: newest?.version ?? 0, touched: false });
  const [checked, setChecked] = useState(null), [other, setOther] = useState(null), [compare, setCompare] = useState(false), act = useAct();
  const [drafting, setDrafting] = useState(!form.touched && !start && !kind && draftIsServed);
  const texts = useMemo(() => Object.fromEntries(Object.entries(form.texts).filter(([, text]) => text.trim())), [form.texts]);

  // Nobody can type before the first draft stands there or is known not to come: one that came late would change what a person has just selected.
  useEffect(() => {
    if (!drafting) return;
    Promise.race([get(`/cases/${doc.id}/first-draft`), new Promise((give) => { setTimeout(give, DRAFT_PATIENCE); })]).then((draft) => { if (draft?.texts) set({ texts: draft.texts, by_model: draft.source === 'model' }); }, (error) => { if (error.status === 404) draftIsServed = false; }).finally(() => setDrafting(false));
  }, []);
  useEffect(() => {
    if (!checkIsServed || !Object.keys(texts).length) return undefined;
    const timer = setTimeout(() => call('POST', `/cases/${doc.id}/response/check`, { texts, ...(kind ? { kind } : {}) }).then((answer) => setChecked(answer.data), (error) => { if ([404, 405].includes(error.status)) checkIsServed = false; }), PAUSE);
    return () => clearTimeout(timer);
  }, [texts]);

  const write = (anyway) => act.run(async () => {
    const latest = versionsOf(await readCase(doc.id))[0];
    if (!anyway && (latest?.version ?? 0) > form.based_on) { setOther(latest); return; }
    const body = { texts, ...(kind ? { kind } : {}) };
    let answer;
    try { answer = (await call('PUT', `/cases/${doc.id}/response`, { ...body, based_on: anyway ? latest?.version ?? 0 : form.based_on })).data; } catch (error) {
      if (error.status === 409 && error.data.newest) { setOther(error.data.newest); return; }
      if (!(error instanceof Problem) || !error.errors.some((one) => one.pointer === '/based_on')) throw error;
      answer = (await call('PUT', `/cases/${doc.id}/response`, body)).data;
    }
    setOther(null);
    await Promise.all([readCase(doc.id), refresh()]);
    if (answer.state === 'draft') {
      // Not taken into review: it stays here, with what has to change.
      set({ based_on: answer.version, touched: true });
      setChecked({ findings: answer.findings, kept: answer.version });
      announce(t('write.stopped'));
      return;
    }
    sent();
    announce(t('write.sent'));
    go(`#/cases/${doc.id}/review/${answer.version}`);
  });

  const findings = checked?.findings ?? start?.findings ?? [];
  if (doc.status === 'closed') return html`<p>${t('case.is_closed')}</p>`;
  if (doc.status === 'triage') return html`<section class="narrow"><h2>${t('write.title')}</h2><p class="note soon">${t('write.triage_first')}</p>${has('responder') && html`<div class="acts"><a class="button primary" href=${`#/cases/${doc.id}/triage`}>${t('task.triage.title')}</a></div>`}</section>`;
  if (!has('responder')) return html`<p class="note info">${t('write.not_yours')}</p>`;
  return html`<section class="writing"><h2>${t(kind ? `write.new_${kind}` : 'write.title')}</h2><p class="hint">${t('write.order')}</p>
    ${start?.state === 'rejected' && start.review_comment && html`<div class="note late"><strong>${t('write.rejected', { version: start.version })}</strong> <bdi>${start.review_comment}</bdi></div>`}
    <${Refusal} problem=${act.problem} />
    ${form.by_model && html`<p class="note info">${t('write.by_model')}</p>`}
    <div class="sheets" aria-busy=${drafting ? 'true' : 'false'}>${drafting ? html`<p class="hint" role="status">${t('write.drafting')}</p>` : languages.map((tag) => html`<${Sheet} key=${tag} tag=${tag} text=${form.texts[tag] ?? ''} before=${compare ? start?.texts?.[tag] ?? '' : null} onText=${(text) => set((typed) => ({ texts: { ...typed.texts, [tag]: text }, touched: true }))} findings=${findings.filter((one) => one.language === tag)} />`)}</div>
    <${Findings} list=${findings.filter((one) => !languages.includes(one.language))} />
    ${checked?.kept && html`<p class="note late" role="alert">${t('write.stopped_text', { version: checked.kept })}</p>`}
    <div class="acts sticky"><${Button} kind="primary big" busy=${act.busy} disabled=${!Object.keys(texts).length} onClick=${() => write(false)}>${t('write.send')}<//><span class="saved" role="status">${form.touched ? t('write.saved') : ''}</span>
      ${start && html`<${Tick} label=${t('write.compare', { version: start.version })} value=${compare} onValue=${setCompare} />`}</div>
    ${checked?.renderings && html`<section><h3>${t('write.previews')}</h3><${Grouped} list=${checked.renderings} /></section>`}
    ${other && html`<${Dialog} title=${t('write.conflict')} onClose=${() => setOther(null)}><p>${t('write.conflict_text')} <${Who} id=${other.by} />${other.at && html` (<${Moment} at=${other.at} />)`}.</p>
      ${Object.entries(other.texts ?? {}).map(([tag, text]) => html`<section key=${tag}><h3>${languageName(tag)}</h3><${Difference} before=${text} after=${form.texts[tag] ?? ''} /></section>`)}
      <div class="acts"><${Button} busy=${act.busy} onClick=${() => { set({ based_on: other.version }); write(true); }}>${t('write.conflict_mine')}<//><${Button} kind="secondary" onClick=${() => { set({ based_on: other.version }); setOther(null); }}>${t('write.conflict_merge')}<//><${Button} kind="secondary" onClick=${() => { sent(); setOther(null); go(`#/cases/${doc.id}/review/${other.version}`); }}>${t('write.conflict_theirs')}<//></div><//>`}</section>`;
}

function Sheet({ tag, text, before, onText, findings }) {
  const area = useRef(), id = `sheet-${tag}`;
  useEffect(() => { const box = area.current; box.style.height = 'auto'; box.style.height = `${Math.min(900, Math.max(190, box.scrollHeight + 4))}px`; }, [text, before]);
  return html`<div class="sheet"><div class="sheet-head"><label for=${id}>${languageName(tag)}</label><span class="more-inline">${t('write.characters', { n: length(text) })}</span></div>
    <textarea id=${id} ref=${area} lang=${tag} dir="auto" spellcheck="true" value=${text} aria-describedby=${`${id}-findings`} onInput=${(event) => onText(event.currentTarget.value)}></textarea>
    <div id=${`${id}-findings`} aria-live="polite"><${Findings} list=${findings} onShow=${(finding) => { const units = (place) => [...text].slice(0, place).join('').length; // the server counts code points
      const at = finding.start === null || finding.start === undefined ? text.toLowerCase().indexOf((finding.quote ?? '').toLowerCase()) : units(finding.start);
      if (at >= 0) { area.current.focus(); area.current.setSelectionRange(at, finding.end ? units(finding.end) : at + (finding.quote ?? '').length); } }} /></div>
    ${before !== null && html`<${Difference} before=${before} after=${text} />`}</div>`;
}
export function Findings({ list, onShow }) {
  if (!list.length) return null;
  return html`<ul class="findings">${list.map((one, place) => html`<li key=${place} class=${one.severity}><span class="finding-word"><span aria-hidden="true">${one.severity === 'blocking' ? '✕' : one.severity === 'warning' ? '▲' : '●'}</span> ${t(`finding.${one.severity}`)}</span> <span>${one.quote && (onShow ? html`<button type="button" class="link" onClick=${() => onShow(one)}>${t('text.quote', { text: one.quote })}</button>` : html`<bdi>${t('text.quote', { text: one.quote })}</bdi>`)}${one.quote && t('text.colon')}${known(`findings.${one.code}`) ?? one.message}</span></li>`)}</ul>`;
}
export const Difference = ({ before, after }) => html`<div class="difference" dir="auto"><span class="unseen">${t('write.difference')}</span>${diffWords(before ?? '', after ?? '').slice(0, 4000).map((part, place) => (part.added ? html`<ins key=${place}>${part.value}</ins>` : part.removed ? html`<del key=${place}>${part.value}</del>` : html`<span key=${place}>${part.value}</span>`))}</div>`;

/** How each channel will show a text: whole, post by post, with the length by the platform's own count. */
export function Renderings({ list }) {
  return html`<ul class="renderings">${list.map((one) => html`<li key=${one.channel + one.language} class="rendering"><div class="rendering-head"><strong>${one.channel}</strong><span>${languageName(one.language)} · ${known(`audiences.${one.audience}`) ?? one.audience}</span></div>
    ${one.posts.map((post, place) => html`<div key=${place} class="post"><div class="foreign block" dir="auto" lang=${one.language}>${post.text}</div><p class="post-length">${one.limit && html`<span class="bar"><span class=${post.length > one.limit ? 'over' : ''} style=${{ width: `${Math.min(100, (post.length / one.limit) * 100)}%` }}></span></span>`}${one.limit ? t('review.length', { length: number(post.length), limit: number(one.limit) }) : t('review.length_free', { length: number(post.length) })}${one.posts.length > 1 ? ` · ${t('review.post', { place: place + 1, of: one.posts.length })}` : ''}</p></div>`)}
    ${!one.fits && html`<p class="fault">✕ ${t('review.does_not_fit')}</p>`}${one.as_submitted === false && html`<p class="fault">✕ ${t('review.settings_changed')}</p>`}${one.corrects_url && html`<p class="more">${t('review.corrects')} <bdi>${one.corrects_url}</bdi></p>`}
    <${Findings} list=${one.findings ?? []} /></li>`)}</ul>`;
}
/** Channels that show the very same posts stand together: each text is read once, and still every place is named. */
export function Grouped({ list }) {
  const groups = new Map();
  for (const one of list) {
    const key = JSON.stringify([one.language, one.posts.map((post) => post.text), one.fits, one.as_submitted, one.corrects_url, one.findings]);
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return html`<ul class="renderings grouped">${[...groups.values()].map((same) => { const one = same[0]; return html`<li key=${one.channel + one.language} class="rendering"><div class="rendering-head"><strong class="tongue">${languageName(one.language)}</strong><span>${t('review.same', { n: same.length })}</span></div>
    ${one.posts.map((post, place) => html`<div key=${place} class="post"><div class="foreign block" dir="auto" lang=${one.language}>${post.text}</div>${one.posts.length > 1 && html`<p class="more">${t('review.post', { place: place + 1, of: one.posts.length })}</p>`}</div>`)}
    <ul class="reached">${same.map((each) => { const longest = Math.max(...each.posts.map((post) => post.length)); return html`<li key=${each.channel}><strong>${each.channel}</strong> <span class="more-inline">${known(`audiences.${each.audience}`) ?? each.audience}</span><span class="reached-length">${each.limit ? t('review.length', { length: number(longest), limit: number(each.limit) }) : t('review.length_free', { length: number(longest) })}</span></li>`; })}</ul>
    ${!one.fits && html`<p class="fault">✕ ${t('review.does_not_fit')}</p>`}${one.as_submitted === false && html`<p class="fault">✕ ${t('review.settings_changed')}</p>`}${one.corrects_url && html`<p class="more">${t('review.corrects')} <bdi>${one.corrects_url}</bdi></p>`}
    <${Findings} list=${one.findings ?? []} /></li>`; })}</ul>`;
}
