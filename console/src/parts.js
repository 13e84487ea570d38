// The pieces that every page is made of.
import { html } from 'htm/preact';
import { useEffect, useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Problem } from './api.js';
import { forget, keep, kept } from './kept.js';
import { clockMood } from './rules.js';
import { nameOf, now, tick } from './state.js';
import { clockTime, duration, known, listed, number, t, timeOfDay, utc } from './words.js';

export const MARKS = { late: '✕', soon: '◷', running: '◷', kept: '✓', late_kept: '✓', cancelled: '–', good: '✓', info: '●', quiet: '○', late_mark: '✕', wait: '◷' };

/** A state: shape, word and colour. */
export const Chip = ({ tone = 'quiet', mark, children, title }) => html`<span class=${`chip ${tone}`} title=${title}>${mark !== null && html`<span class="mark" aria-hidden="true">${mark ?? MARKS[tone] ?? ''}</span>`}${children}</span>`;

/** A moment in the reader's zone; UTC on hover and for machines. */
export const Moment = ({ at }) => (at ? html`<time datetime=${at} title=${utc(at)}>${clockTime(at, now())}</time>` : null);

/** What strangers wrote: as text, isolated from its surroundings, long ones folded. */
const FOLD = 1200;
export function Foreign({ text, inline = false, lang }) {
  const [open, setOpen] = useState(false);
  if (inline) return html`<bdi class="foreign" lang=${lang ?? undefined}>${text}</bdi>`;
  const letters = text ?? '';
  const long = letters.length > FOLD;
  return html`<div class="foreign block" dir="auto" lang=${lang ?? undefined}>${long && !open ? `${letters.slice(0, FOLD)}…` : letters}</div>
    ${long && html`<button class="link" type="button" onClick=${() => setOpen(!open)} aria-expanded=${open}>${open ? t('text.less') : t('text.more', { n: letters.length })}</button>`}`;
}

export const Who = ({ id }) => html`<bdi>${nameOf(id)}</bdi>`;
export const names = (ids, type = 'conjunction') => listed(ids.map(nameOf), type);

/** How long is left, or by how much it is late. */
export function Due({ at, tone }) {
  tick.value;
  if (!at) return null;
  const left = Date.parse(at) - now();
  const mood = tone ?? (left < 0 ? 'late' : left < 2 * 3_600_000 ? 'soon' : 'running');
  return html`<${Chip} tone=${mood} title=${utc(at)}>${left < 0 ? t('clock.late_by', { duration: duration(left) }) : t('clock.left', { duration: duration(left) })}<span class="before">${left < 0 ? t('clock.was_due', { time: clockTime(at, now()) }) : t('clock.before', { time: clockTime(at, now()) })}</span><//>`;
}

export function clockWords(clock, origin) {
  const mood = clockMood(clock, origin, now());
  if (mood === 'kept' || mood === 'late_kept') return { mood, text: t(`clock.${mood}.${known(`clock.${mood}.${clock.id}`) ? clock.id : 'other'}`, { time: clockTime(clock.met_at ?? clock.due_at, now()) }) };
  if (mood === 'cancelled') return { mood, text: t('clock.cancelled') };
  const left = Date.parse(clock.due_at) - now();
  return { mood, text: left < 0 ? t('clock.late_by', { duration: duration(left) }) : t('clock.left', { duration: duration(left) }) };
}
export const clockName = (id) => known(`clocks.${id}`) ?? id;

/** The strip: from the first message (0 h) to the last deadline, marks at each, ticks for reminders, a ring for now. */
const REMINDERS = { response_ready: [6, 2, 0.5], response_published: [24, 6, 1] };
export function Strip({ origin, clocks, events = [] }) {
  tick.value;
  const start = Date.parse(origin), main = clocks.filter((clock) => clock.id.startsWith('response_'));
  const lanes = clocks.filter((clock) => !clock.id.startsWith('response_'));
  if (!clocks.length) return html`<p class="quiet-line">${t('clock.none')}</p>`;
  const end = Math.max(start + 1, ...clocks.map((clock) => Date.parse(clock.due_at)));
  const place = (at) => Math.min(100, Math.max(0, ((at - start) / (end - start)) * 100));
  const here = place(now()), over = now() > end;
  const stopped = main.length > 0 && main.every((clock) => ['met', 'met_late', 'cancelled'].includes(clock.state));
  const spoken = [t('strip.origin', { time: clockTime(origin, now()) }), ...clocks.map((clock) => `${clockName(clock.id)}: ${clockWords(clock, start).text}, ${t('clock.before', { time: clockTime(clock.due_at, now()) })}`)].join('. ');
  const worst = main.map((clock) => clockWords(clock, start).mood);
  const tone = stopped ? 'kept' : worst.includes('late') ? 'late' : worst.includes('soon') ? 'soon' : 'running';
  const at = (percent) => ({ left: `${percent}%` });
  const held = clocks.filter((clock) => clock.frozen_since && ['breached', 'met_late'].includes(clock.state)).map((clock) => clockName(clock.id));
  const heldWords = held.length ? t('clock.held', { clocks: listed(held) }) : '';
  return html`<div class=${`strip ${tone}`} role="img" aria-label=${`${spoken}. ${heldWords}`.trim()}>
    <div class="strip-above">${main.map((clock) => { const words = clockWords(clock, start); return html`<span key=${clock.id} class=${`strip-label ${words.mood} ${edge(place(Date.parse(clock.due_at)))}`} style=${at(place(Date.parse(clock.due_at)))}><span class="mark">${MARKS[words.mood]}</span> ${words.text}</span>`; })}</div>
    <div class="strip-track"><div class="strip-fill" style=${{ width: `${here}%` }}></div>
      ${main.flatMap((clock) => (REMINDERS[clock.id] ?? []).map((hours) => html`<i key=${clock.id + hours} class="strip-tick" style=${at(place(Date.parse(clock.due_at) - hours * 3_600_000))}></i>`))}
      ${events.map((event) => html`<i key=${event.seq} class="strip-event" style=${at(place(Date.parse(event.at)))}></i>`)}
      ${main.map((clock) => html`<i key=${clock.id} class=${`strip-mark ${clockWords(clock, start).mood}`} style=${at(place(Date.parse(clock.due_at)))}></i>`)}
      <b class=${over ? 'strip-now over' : 'strip-now'} style=${at(here)}></b></div>
    <div class="strip-below"><span class="strip-label start" style=${at(0)}><span class="wide">${t('strip.first')} </span>${timeOfDay(origin)}</span>
      ${main.map((clock) => html`<span key=${clock.id} class=${`strip-label ${edge(place(Date.parse(clock.due_at)))}`} style=${at(place(Date.parse(clock.due_at)))}>${known(`strip.${clock.id}_at`) ?? ''}<span class="mid"> · ${known(`strip.${clock.id}`) ?? clockName(clock.id)}</span><span class="wide"> ${clockTime(clock.due_at, now())}</span></span>`)}</div>
    ${lanes.map((clock) => { const words = clockWords(clock, start), from = place(Date.parse(clock.since ?? clock.started_at ?? origin)), to = place(Date.parse(clock.due_at)); return html`<div key=${clock.id} class="strip-lane"><span class="strip-lane-name">${clockName(clock.id)} <strong class=${words.mood}><span class="mark">${MARKS[words.mood]}</span> ${words.text}</strong></span><div class="strip-track thin"><div class=${`strip-fill ${words.mood}`} style=${{ left: `${from}%`, width: `${Math.max(0, Math.min(here, to) - from)}%` }}></div><i class=${`strip-mark ${words.mood}`} style=${at(to)}></i></div></div>`; })}
    ${heldWords && html`<p class="more">${heldWords}</p>`}
  </div>`;
}
const edge = (percent) => (percent > 85 ? 'end' : percent < 8 ? 'start' : '');

/** A heading that gets the focus when a page opens, so that whoever hears the page knows where they are. */
export function PageTitle({ children, extra }) {
  const heading = useRef();
  useEffect(() => {
    document.title = `${heading.current.textContent} · sangfroid`;
    if (document.activeElement === document.body || !document.activeElement?.closest('dialog')) heading.current.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }, []);
  return html`<div class="page-title"><h1 ref=${heading} tabindex="-1">${children}</h1>${extra}</div>`;
}

/** A modal dialog; the focus goes back to where it came from. */
export function Dialog({ title, onClose, children, tone = '', closable = true }) {
  const box = useRef(), label = useId();
  useLayoutEffect(() => {
    const dialog = box.current, before = document.activeElement;
    if (!dialog.open) dialog.showModal();
    return () => { dialog.close(); before?.focus?.(); };
  }, []);
  return html`<dialog ref=${box} class=${`dialog ${tone}`} aria-labelledby=${label} onCancel=${(event) => { event.preventDefault(); if (closable) onClose(); }}>
    <div class="dialog-head"><h2 id=${label}>${title}</h2>${closable && html`<button type="button" class="icon" aria-label=${t('act.close_dialog')} onClick=${onClose}>✕</button>`}</div>
    ${children}</dialog>`;
}

/** A labelled field. `children` is a function of the attributes that tie the input to its label, hint and fault. */
export function Field({ label, hint, fault, children, optional }) {
  const id = useId();
  const described = [hint && `${id}-hint`, fault && `${id}-fault`].filter(Boolean).join(' ') || undefined;
  return html`<div class=${fault ? 'field faulty' : 'field'}><label for=${id}>${label}${optional && html` <span class="optional">${t('form.optional')}</span>`}</label>
    ${hint && html`<p class="hint" id=${`${id}-hint`}>${hint}</p>`}
    ${children({ id, 'aria-describedby': described, 'aria-invalid': fault ? 'true' : undefined })}
    ${fault && html`<p class="fault" id=${`${id}-fault`}><span aria-hidden="true">✕ </span>${fault}</p>`}</div>`;
}
export const Text = ({ label, hint, fault, value, onValue, rows, optional, ...rest }) => html`<${Field} label=${label} hint=${hint} fault=${fault} optional=${optional}>${(tied) => (rows
  ? html`<textarea ...${tied} ...${rest} rows=${rows} dir="auto" value=${value} onInput=${(event) => onValue(event.currentTarget.value)}></textarea>`
  : html`<input type="text" ...${tied} ...${rest} dir="auto" value=${value} onInput=${(event) => onValue(event.currentTarget.value)} />`)}<//>`;
export const Choice = ({ label, hint, fault, value, onValue, options }) => html`<${Field} label=${label} hint=${hint} fault=${fault}>${(tied) => html`<select ...${tied} value=${value} onChange=${(event) => onValue(event.currentTarget.value)}>${options.map(([key, words]) => html`<option key=${key} value=${key} selected=${key === value}>${words}</option>`)}</select>`}<//>`;
/** One of several, each with its words: radio buttons. */
export function Options({ legend, name, value, onValue, options }) {
  return html`<fieldset class="options"><legend>${legend}</legend>${options.map(([key, words, more]) => html`<label key=${key} class=${key === value ? 'option chosen' : 'option'}><input type="radio" name=${name} value=${key} checked=${key === value} onChange=${() => onValue(key)} /><span><strong>${words}</strong>${more && html`<span class="more">${more}</span>`}</span></label>`)}</fieldset>`;
}
export const Tick = ({ label, value, onValue }) => html`<label class="tick"><input type="checkbox" checked=${value} onChange=${(event) => onValue(event.currentTarget.checked)} /><span>${label}</span></label>`;

/** Values of a form that are kept as they are typed, until they are sent. */
export function useKept(place, initial) {
  const [values, setValues] = useState(() => ({ ...initial, ...(kept(place) ?? {}) }));
  const set = (change) => setValues((before) => {
    // What waited for an answer decides by what stands there by then: it gives a function.
    const after = { ...before, ...(typeof change === 'function' ? change(before) : change) };
    keep(place, after);
    return after;
  });
  return [values, set, () => forget(place)];
}

/** One act of a person: busy while it is under way, its refusal in words, never sent twice by one press. */
export function useAct() {
  const [busy, setBusy] = useState(false), [problem, setProblem] = useState(null), running = useRef(false);
  const run = async (work) => {
    if (running.current) return undefined;
    running.current = true;
    setBusy(true);
    setProblem(null);
    try { return await work(); } catch (error) {
      if (!(error instanceof Problem)) throw error;
      setProblem(error);
      return undefined;
    } finally {
      running.current = false;
      setBusy(false);
    }
  };
  return { busy, problem, run, setProblem, fault: (pointer) => problem?.errors.find((one) => one.pointer === pointer)?.detail };
}
export function Refusal({ problem }) {
  const box = useRef();
  useEffect(() => { if (problem) box.current?.scrollIntoView?.({ block: 'nearest' }); }, [problem]);
  if (!problem) return null;
  const words = problem.status === 0 ? t('problem.unreached') : problem.status === 401 ? t('problem.session') : problem.message || t('problem.other', { status: problem.status });
  const owed = problem.data.owed ?? [];
  return html`<div class="refusal" role="alert" ref=${box}><strong><span aria-hidden="true">✕ </span>${problem.status === 0 ? t('problem.not_sent') : t('problem.refused')}</strong><p>${words}</p>
    ${owed.length > 0 && html`<ul>${owed.map((one) => html`<li key=${one.id}><span class="code">${one.id}</span> ${one.title}</li>`)}</ul>`}
    ${problem.errors.length > 0 && !owed.length && html`<ul>${problem.errors.slice(0, 6).map((one) => html`<li>${one.pointer && html`<span class="code">${one.pointer}</span> `}${one.detail}</li>`)}</ul>`}</div>`;
}
export const Button = ({ kind = 'primary', busy, children, ...rest }) => html`<button type=${rest.onClick ? 'button' : 'submit'} class=${kind} aria-disabled=${busy ? 'true' : undefined} ...${rest}>${busy ? t('act.busy') : children}</button>`;
export const Fold = ({ title, children, open = false, id }) => html`<details class="fold" id=${id} open=${open}><summary>${title}</summary><div class="fold-in">${children}</div></details>`;
export const Empty = ({ children }) => html`<p class="empty"><span aria-hidden="true">✓</span> ${children}</p>`;
export { number };
