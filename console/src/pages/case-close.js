// Closing: what the case leaves behind. Refused with what is still owed.
import { html } from 'htm/preact';
import { call } from '../api.js';
import { Button, Chip, Choice, Refusal, Text, useAct, useKept } from '../parts.js';
import { go } from '../route.js';
import { closable, owed } from '../rules.js';
import { announce, now, organisation, refresh, take } from '../state.js';
import { t } from '../words.js';

export function Close({ doc }) {
  const [form, set, sent] = useKept(`close/${doc.id}`, { root_cause: '', lessons: '', measures: [{ text: '', owner: '', due: '' }] }), act = useAct();
  const people = organisation.value.people.map((one) => [one.id, one.name]), change = (place, part) => set({ measures: form.measures.map((one, at) => (at === place ? { ...one, ...part } : one)) });
  const send = (event) => { event.preventDefault(); act.run(async () => {
    const measures = form.measures.filter((one) => one.text.trim()).map((one) => ({ ...one, owner: one.owner || people[0]?.[0] || '' }));
    take((await call('POST', `/cases/${doc.id}/close`, { root_cause: form.root_cause, lessons: form.lessons, measures })).data);
    sent();
    announce(t('close.done'));
    await refresh();
    go(`#/cases/${doc.id}/report`);
  }); };
  if (doc.status === 'closed') return html`<p>${t('case.is_closed')}</p>`;
  return html`<section class="narrow"><h2>${t('close.title')}</h2>
    ${!closable(doc) && html`<div class="note soon"><strong>${t('close.owed')}</strong><ul>${owed(doc).map((one) => html`<li key=${one.id}><a href=${`#/cases/${doc.id}/duty/${one.id}`}>${one.title}</a> <span class="code">${one.id}</span></li>`)}</ul></div>`}
    <form onSubmit=${send}><${Refusal} problem=${act.problem} />
      <${Text} label=${t('close.root_cause')} hint=${t('close.root_cause_hint')} rows=${3} value=${form.root_cause} onValue=${(root_cause) => set({ root_cause })} fault=${act.fault('/root_cause')} maxlength="5000" />
      <${Text} label=${t('close.lessons')} rows=${3} value=${form.lessons} onValue=${(lessons) => set({ lessons })} fault=${act.fault('/lessons')} maxlength="10000" />
      <fieldset><legend>${t('close.measures')}</legend>${form.measures.map((one, place) => html`<div class="measure" key=${place}><${Text} label=${t('close.measure', { n: place + 1 })} value=${one.text} onValue=${(text) => change(place, { text })} maxlength="500" fault=${act.fault(`/measures/${place}/text`)} /><div class="pair">${people.length ? html`<${Choice} label=${t('close.owner')} value=${one.owner || people[0][0]} onValue=${(owner) => change(place, { owner })} options=${people} />` : html`<${Text} label=${t('close.owner')} value=${one.owner} onValue=${(owner) => change(place, { owner })} />`}<${Text} label=${t('close.due')} type="date" min=${new Date(now()).toISOString().slice(0, 10)} value=${one.due} onValue=${(due) => change(place, { due })} fault=${act.fault(`/measures/${place}/due`)} /></div></div>`)}
        <${Button} kind="secondary small" onClick=${() => set({ measures: [...form.measures, { text: '', owner: '', due: '' }] })}>${t('close.another')}<//></fieldset>
      <div class="acts"><${Button} busy=${act.busy}>${t('close.send')}<//><a class="button secondary" href=${`#/cases/${doc.id}`}>${t('act.cancel')}</a></div></form></section>`;
}
/** The measures of the case, and one more: the closing announcement names each of them. */
export function NewMeasure({ doc }) {
  const [form, set, sent] = useKept(`measure/${doc.id}`, { text: '', owner: '', due: '' }), act = useAct();
  const people = organisation.value.people.map((one) => [one.id, one.name]), owner = form.owner || people[0]?.[0] || '';
  const send = (event) => { event.preventDefault(); act.run(async () => {
    take((await call('POST', `/cases/${doc.id}/measures`, { text: form.text, owner, due: form.due })).data);
    sent();
    set({ text: '', owner: '', due: '' });
    announce(t('close.measure_kept'));
    await refresh();
  }); };
  return html`<section><h3>${t('close.measures')}</h3><p class="more">${t('close.measures_named')}</p>
    ${doc.measures?.length > 0 && html`<ul class="measures">${doc.measures.map((one) => html`<li key=${one.text}><bdi>${one.text}</bdi></li>`)}</ul>`}
    <form class="new-measure" onSubmit=${send}><${Refusal} problem=${act.problem} /><${Text} label=${t('close.measure', { n: (doc.measures?.length ?? 0) + 1 })} value=${form.text} onValue=${(text) => set({ text })} maxlength="500" fault=${act.fault('/text')} />
      <div class="pair">${people.length ? html`<${Choice} label=${t('close.owner')} value=${owner} onValue=${(value) => set({ owner: value })} options=${people} />` : html`<${Text} label=${t('close.owner')} value=${form.owner} onValue=${(value) => set({ owner: value })} />`}<${Text} label=${t('close.due')} type="date" min=${new Date(now()).toISOString().slice(0, 10)} value=${form.due} onValue=${(due) => set({ due })} fault=${act.fault('/due')} /></div>
      <div class="acts"><${Button} kind="secondary" busy=${act.busy}>${t('close.keep_measure')}<//></div></form></section>`;
}
export { Chip };
