// Drills: on the stack of this machine a crisis can be started and the clock moved; nothing leaves the machine.
import { html } from 'htm/preact';
import { useEffect, useState } from 'preact/hooks';
import { call, get } from '../api.js';
import { Button, Field, Fold, Foreign, Moment, Options, PageTitle, Refusal, useAct } from '../parts.js';
import { desk, has, itIs, local, now, organisation, readOrganisation, refresh, tick } from '../state.js';
import { clockTime, duration, language, number, t, utc } from '../words.js';

const STEPS = [10, 30, 60, 180, 360, 720, 1440];
const STORIES = ['outage', 'bug', 'campaign', 'rumour', 'leak'];
const ASSERTED = { outage: { at_fault: 'external' }, bug: { at_fault: 'company' }, campaign: { at_fault: 'company' }, rumour: { at_fault: 'external' }, leak: { confidential_leak: true } };

export function Drills() {
  const [step, setStep] = useState(3), [story, setStory] = useState('bug'), [sent, setSent] = useState([]), [started, setStarted] = useState(null), act = useAct(), move = useAct();
  tick.value;
  const left = async () => { if (local) setSent((await get('/_local/outbox')).items.slice(-40).reverse()); };
  useEffect(() => { if (local) act.run(left); }, [desk.value]);
  if (!local) return html`<${PageTitle}>${t('nav.drills')}<//><p class="lead">${t('drills.elsewhere')}</p>`;
  const advance = (minutes) => move.run(async () => {
    const { data } = await call('POST', '/_local/clock', { advance: `PT${minutes}M` });
    itIs(data.now, data.speed);
    await refresh();
    await left();
  });
  const start = () => act.run(async () => {
    if (!organisation.value.brands?.length) await readOrganisation();
    const brand = organisation.value.brands?.[0]?.name ?? organisation.value.name ?? 'Nuage SA';
    const { data } = await call('POST', '/incidents', { brand, notes: t('drills.note'), asserted: ASSERTED[story], message: { text: t(`drills.stories.${story}.text`, { brand }), language: language.value, platform: story === 'leak' ? 'forum' : 'x', published_at: new Date(now() - 40 * 60_000).toISOString(), author: { handle: '@drill', followers: 120, account_age_days: 900 } } });
    setStarted(data.case_id);
    await refresh();
  });
  return html`<${PageTitle}>${t('nav.drills')}<//><p class="lead">${t('drills.lead')}</p>
    <div class="halves"><section class="panel"><h2>${t('drills.clock')}</h2><p class="big-time" title=${utc(now())}>${clockTime(now(), now())}</p>
      <${Refusal} problem=${move.problem} />
      <${Field} label=${t('drills.by')}>${(tied) => html`<input ...${tied} type="range" min="0" max=${STEPS.length - 1} step="1" value=${step} aria-valuetext=${duration(STEPS[step] * 60_000)} onInput=${(event) => setStep(Number(event.currentTarget.value))} />`}<//>
      <div class="acts"><${Button} busy=${move.busy} onClick=${() => advance(STEPS[step])}>${t('drills.advance', { duration: duration(STEPS[step] * 60_000) })}<//></div></section>
    <section class="panel"><h2>${t('drills.start')}</h2>${has('reporter') ? html`<${Refusal} problem=${act.problem} />
      <${Options} legend=${t('drills.story')} name="story" value=${story} onValue=${setStory} options=${STORIES.map((one) => [one, t(`drills.stories.${one}.title`)])} />
      <div class="acts"><${Button} busy=${act.busy} onClick=${start}>${t('drills.go')}<//>${started && html`<a class="button secondary" href=${`#/cases/${started}`}>${t('report.see')}</a>`}</div>` : html`<p>${t('drills.no_reporter')}</p>`}</section></div>
    <section><h2>${t('drills.left')}</h2><p class="hint">${t('drills.left_hint')}</p>${sent.length ? html`<ul class="rows">${sent.map((one, place) => html`<li class="row" key=${sent.length - place}><div><p class="more"><${Moment} at=${one.at} /> · <strong>${one.channel}</strong> · ${t(`audiences.${one.audience}`)}</p><${Fold} title=${html`<${Foreign} inline text=${(one.text ?? '').slice(0, 90) || one.kind} />`}><${Foreign} text=${one.text ?? ''} /><//></div></li>`)}</ul>` : html`<p class="quiet-line">${t('drills.nothing')}</p>`}</section>`;
}
export { number };
