// Words, plural forms, dates and durations in the reader's language. The catalogues are words/fr.json and words/en.json;
// a value that depends on a number is an object {one, other} and takes {n}.
import { signal } from '@preact/signals';
import fr from '../words/fr.json';
import en from '../words/en.json';

export const LANGUAGES = ['fr', 'en'];
const catalogues = { fr, en };
const stored = () => { try { return localStorage.getItem('language'); } catch { return null; } };
const wished = () => (navigator.languages ?? []).map((tag) => tag.slice(0, 2)).find((tag) => LANGUAGES.includes(tag));
export const language = signal(LANGUAGES.includes(stored()) ? stored() : wished() ?? 'en');
export const zone = signal(Intl.DateTimeFormat().resolvedOptions().timeZone ?? 'UTC');
export const missing = new Set();

/** Chooses the language of the page; remembered on this machine, as nothing else is. */
export function speak(tag) {
  if (!LANGUAGES.includes(tag)) return;
  language.value = tag;
  document.documentElement.lang = tag;
  try { localStorage.setItem('language', tag); } catch { /* a browser that keeps nothing */ }
}

const found = (tag, key) => key.split('.').reduce((level, part) => level?.[part], catalogues[tag]);
const plural = (tag, n) => new Intl.PluralRules(tag).select(n);

/** The words of a key, such as "todo.title"; {names} are put in as plain text. */
export function t(key, values = {}) {
  const tag = language.value;
  let text = found(tag, key);
  if (text && typeof text === 'object') text = text[plural(tag, values.n ?? 0)] ?? text.other;
  if (typeof text !== 'string') {
    missing.add(`${tag}:${key}`);
    return key;
  }
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? (name === 'n' ? number(values.n) : String(values[name] ?? '')) : whole));
}
/** The words of a key, or null where the catalogue has none: for codes that may grow. */
export const known = (key, values) => (found(language.value, key) === undefined ? null : t(key, values));

export const number = (n) => new Intl.NumberFormat(language.value).format(n);
const format = (options) => new Intl.DateTimeFormat(language.value === 'en' ? 'en-GB' : 'fr', { timeZone: zone.value, ...options });
const day = (at) => format({ year: 'numeric', month: '2-digit', day: '2-digit' }).format(at);

/** Time of day; with the day where it is not the day of `now`. */
export function clockTime(at, now = Date.now()) {
  const moment = new Date(at);
  const time = format({ hour: '2-digit', minute: '2-digit' }).format(moment);
  if (day(moment) === day(new Date(now))) return time;
  for (const [key, shift] of [['yesterday', -1], ['tomorrow', 1]]) {
    if (day(moment) === day(new Date(now + shift * 86_400_000))) return t(`time.${key}`, { time });
  }
  const far = Math.abs(moment - now) > 300 * 86_400_000;
  const date = format({ weekday: far ? undefined : 'short', day: 'numeric', month: 'short', year: far ? 'numeric' : undefined }).format(moment);
  return t('time.on', { date, time });
}
/** Time of day alone, where the day stands beside it. */
export const timeOfDay = (at) => format({ hour: '2-digit', minute: '2-digit' }).format(new Date(at));
export const utc = (at) => new Date(at).toISOString().replace('T', ' ').replace(/(:\d\d)(\.\d+)?Z/, '$1 UTC');
export const placeName = () => zone.value.split('/').pop().replaceAll('_', ' ');

/** A length of time in at most two units: "3 h 48", "12 min", "2 d 4 h". */
export function duration(milliseconds) {
  const minutes = Math.max(0, Math.floor(Math.abs(milliseconds) / 60_000));
  const [days, hours, rest] = [Math.floor(minutes / 1440), Math.floor(minutes / 60) % 24, minutes % 60];
  if (minutes >= 2 * 1440) return hours ? t('time.days_hours', { days, hours }) : t('time.days', { days });
  if (minutes >= 60) {
    const all = Math.floor(minutes / 60);
    return rest ? t('time.hours_minutes', { hours: all, minutes: String(rest).padStart(2, '0') }) : t('time.hours', { hours: all });
  }
  return t('time.minutes', { minutes });
}
/** A list in words: "Emma, Dora or Dirk". */
export const listed = (names, type = 'conjunction') => new Intl.ListFormat(language.value, { type }).format(names);
export const languageName = (tag) => {
  try { return new Intl.DisplayNames([language.value], { type: 'language' }).of(tag); } catch { return tag; }
};
