// Messages found, and evidence under lock.
import { html } from 'htm/preact';
import { useEffect, useState } from 'preact/hooks';
import { call, get } from '../api.js';
import { Button, Chip, Choice, Dialog, Empty, Field, Fold, Foreign, Moment, Refusal, Text, useAct, useKept, Who } from '../parts.js';
import { announce, has, now, readCase, refresh } from '../state.js';
import { LANGUAGES, languageName, number, placeName, t } from '../words.js';
import { fromLocalInput, localInput, platformOf, PLATFORMS } from './report.js';

export function Messages({ doc }) {
  const [more, setMore] = useState([]), [next, setNext] = useState(undefined), [open, setOpen] = useState(null), act = useAct();
  const cursor = next === undefined ? doc.messages_next : next, list = [...doc.messages, ...more];
  const further = () => act.run(async () => { const page = await get(`/cases/${doc.id}?messages=${encodeURIComponent(cursor)}`); setMore([...more, ...page.messages]); setNext(page.messages_next); });
  return html`<section><h2>${t('case.view_messages')} · ${number(doc.message_count)}</h2>
    ${has('reporter') && doc.status !== 'closed' && html`<p><${Button} kind="secondary" onClick=${() => setOpen({ kind: 'add' })}>${t('messages.add')}<//></p>`}
    <ul class="rows">${list.map((one) => html`<li key=${one.id} class="message"><p class="more"><bdi>${one.author?.handle || t('case.unknown_author')}</bdi> · ${t(`platforms.${one.platform}`)} · <${Moment} at=${one.published_at} /> ${one.withdrawn && html`<${Chip} tone="quiet">${t('messages.withdrawn')}<//>`}${one.on_own_platform && html`<${Chip} tone="info" mark=${null}>${t('messages.own')}<//>`}</p>
      <${Foreign} text=${one.text} lang=${one.language} />${one.notes && html`<p class="more">${t('messages.notes')} <bdi>${one.notes}</bdi></p>`}
      <p class="message-acts">${/^https?:/.test(one.url ?? '') && html`<a href=${one.url} target="_blank" rel="noopener noreferrer">${t('case.see_there')}</a>`}
        ${has('responder') && doc.status !== 'closed' && !one.withdrawn && html`<button type="button" class="link" onClick=${() => setOpen({ kind: 'answer', one })}>${t('messages.answer')}</button><button type="button" class="link" onClick=${() => setOpen({ kind: 'withdraw', one })}>${t('messages.withdraw')}</button>`}</p></li>`)}</ul>
    <${Refusal} problem=${act.problem} />${cursor && html`<${Button} kind="secondary" busy=${act.busy} onClick=${further}>${t('cases.more')}<//>`}
    ${open && html`<${MessageDialog} doc=${doc} what=${open} onClose=${() => setOpen(null)} />`}</section>`;
}
function MessageDialog({ doc, what, onClose }) {
  const { kind, one } = what, first = one?.language?.slice(0, 2) ?? 'fr';
  const [form, set, sent] = useKept(`message/${doc.id}/${kind}/${one?.id ?? ''}`, { text: '', url: '', platform: '', when: '', author: '', reason: '', language: LANGUAGES.includes(first) ? first : 'fr', to: '' }), act = useAct();
  const send = (event) => { event.preventDefault(); act.run(async () => {
    if (kind === 'add') await call('POST', `/cases/${doc.id}/messages`, { text: form.text, platform: form.platform || platformOf(form.url) || 'other', published_at: fromLocalInput(form.when) ?? form.when, ...(form.url.trim() ? { url: form.url.trim() } : {}), ...(form.author.trim() ? { author: { handle: form.author.trim() } } : {}) });
    if (kind === 'withdraw') await call('POST', `/cases/${doc.id}/messages/${one.id}/withdraw`, { reason: form.reason });
    if (kind === 'answer') await call('POST', `/cases/${doc.id}/answers`, { message: one.id, text: form.text, language: form.language, ...(form.to.trim() ? { to: form.to.trim() } : {}) });
    sent();
    announce(t('messages.done'));
    await Promise.all([readCase(doc.id), refresh()]);
    onClose();
  }); };
  return html`<${Dialog} title=${t(`messages.${kind}`)} onClose=${onClose}><form onSubmit=${send}><${Refusal} problem=${act.problem} />
    ${kind === 'withdraw' && html`<${Foreign} text=${one.text} /><${Text} label=${t('form.reason')} rows=${2} value=${form.reason} onValue=${(reason) => set({ reason })} fault=${act.fault('/reason')} />`}
    ${kind === 'answer' && html`<${Foreign} text=${one.text} /><p class="hint">${t('messages.answer_hint')}</p><${Choice} label=${t('messages.language')} value=${form.language} onValue=${(language) => set({ language })} options=${LANGUAGES.map((tag) => [tag, languageName(tag)])} /><${Text} label=${t('messages.answer_text')} rows=${4} value=${form.text} onValue=${(text) => set({ text })} fault=${act.fault('/text')} /><${Text} label=${t('messages.to')} optional type="email" value=${form.to} onValue=${(to) => set({ to })} fault=${act.fault('/to')} />`}
    ${kind === 'add' && html`<p class="hint">${t('messages.add_hint')}</p><${Text} label=${t('report.text')} rows=${3} value=${form.text} onValue=${(text) => set({ text })} fault=${act.fault('/text')} /><${Text} label=${t('report.url')} optional type="url" value=${form.url} onValue=${(url) => set({ url })} fault=${act.fault('/url')} /><div class="pair"><${Choice} label=${t('report.platform')} value=${form.platform || platformOf(form.url) || 'other'} onValue=${(platform) => set({ platform })} options=${PLATFORMS.map((name) => [name, t(`platforms.${name}`)])} /><${Text} label=${t('report.when')} hint=${t('report.when_hint', { zone: placeName() })} type="datetime-local" max=${localInput(now())} value=${form.when} onValue=${(when) => set({ when })} fault=${act.fault('/published_at')} /></div><${Text} label=${t('report.author')} optional value=${form.author} onValue=${(author) => set({ author })} />`}
    <div class="acts"><${Button} busy=${act.busy}>${t(`messages.${kind}_send`)}<//><${Button} kind="secondary" onClick=${onClose}>${t('act.cancel')}<//></div></form><//>`;
}

const SHOWN = ['image/png', 'image/jpeg']; // what the interface gives to be shown in place
/** A picture of the evidence, on demand: it comes through the interface as bytes, under the reader's own token, from no other host. */
function Picture({ path, name }) {
  const [url, setUrl] = useState(null), act = useAct();
  useEffect(() => (url ? () => URL.revokeObjectURL(url) : undefined), [url]);
  const show = () => act.run(async () => setUrl(URL.createObjectURL((await call('GET', path, undefined, { raw: true })).data)));
  return html`<${Refusal} problem=${act.problem} /><p><${Button} kind="secondary small" busy=${act.busy} aria-label=${`${t(url ? 'evidence.hide' : 'evidence.show')}: ${name}`} onClick=${url ? () => setUrl(null) : show}>${t(url ? 'evidence.hide' : 'evidence.show')}<//></p>
    ${url && html`<img class="evidence-picture" src=${url} alt=${t('evidence.picture', { name })} />`}`;
}

const LARGEST = 187_000; // bytes: the interface takes 250,000 characters of base64
export function Evidence({ doc }) {
  const [list, setList] = useState(null), [file, setFile] = useState(null), [fault, setFault] = useState(null), act = useAct();
  const [form, set, sent] = useKept(`evidence/${doc.id}`, { note: '' });
  const read = () => act.run(async () => setList((await get(`/cases/${doc.id}/evidence`)).evidence));
  useEffect(() => { read(); }, [doc.id]);
  const pack = () => act.run(async () => {
    const { data } = await call('GET', `/cases/${doc.id}/evidence/pack`, undefined, { raw: true });
    const link = Object.assign(document.createElement('a'), { href: URL.createObjectURL(data), download: `${doc.id}-evidence.zip` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  });
  const attach = (event) => { event.preventDefault(); if (!file) { setFault(t('evidence.choose')); return; } if (file.size > LARGEST) { setFault(t('evidence.too_large')); return; } setFault(null); act.run(async () => {
    const bytes = new Uint8Array(await file.arrayBuffer());
    let text = '';
    for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
    await call('POST', `/cases/${doc.id}/evidence`, { name: file.name, media_type: file.type || 'application/octet-stream', data: btoa(text), note: form.note });
    sent();
    set({ note: '' });
    setFile(null);
    announce(t('evidence.kept'));
    setList((await get(`/cases/${doc.id}/evidence`)).evidence);
  }); };
  return html`<section><h2>${t('case.view_evidence')}</h2><p class="hint">${t('evidence.text')}</p><${Refusal} problem=${act.problem} />
    ${list?.length ? html`<ul class="rows">${list.map((one) => html`<li key=${one.id} class="row"><div><p><strong>${t(`evidence.${one.kind}`)}</strong> · <${Moment} at=${one.at} /> · ${one.by === 'sangfroid' ? t('evidence.desk') : html`<${Who} id=${one.by} />`}</p><p class="more">${one.files.map((each) => html`<bdi key=${each.key}>${each.name} (${number(Math.ceil(each.size / 1024))} kB) </bdi>`)}</p>${one.note && html`<p><bdi>${one.note}</bdi></p>`}${/^https?:/.test(one.source_url ?? '') && html`<p class="more"><bdi>${one.source_url}</bdi></p>`}${one.files.map((each, place) => SHOWN.includes(each.media_type) && html`<${Picture} key=${`${each.key}-picture`} path=${`/cases/${doc.id}/evidence/${one.id}/${place}`} name=${each.name} />`)}<${Fold} title=${t('evidence.proof')}>${one.files.map((each) => html`<p key=${each.key} class="code wrap">SHA-256 ${each.sha256}</p>`)}<p class="more">${t('evidence.until')} <${Moment} at=${one.retained_until} /></p><//></div></li>`)}</ul><p><${Button} kind="secondary" busy=${act.busy} onClick=${pack}>${t('evidence.pack')}<//></p>` : list && html`<${Empty}>${t('evidence.none')}<//>`}
    ${has('reporter', 'responder') && doc.status !== 'closed' && html`<form class="narrow panel" onSubmit=${attach}><h3>${t('evidence.attach')}</h3><${Field} label=${t('evidence.file')} hint=${t('evidence.file_hint')} fault=${fault}>${(tied) => html`<input ...${tied} type="file" onChange=${(event) => setFile(event.currentTarget.files[0] ?? null)} />`}<//><${Text} label=${t('duty.note')} optional value=${form.note} onValue=${(note) => set({ note })} /><div class="acts"><${Button} busy=${act.busy}>${t('evidence.keep')}<//></div></form>`}</section>`;
}
