// The public HTTP interface, and nothing else. A call that changes something is sent once, when a person presses; it is never
// sent again by the page alone.
import { signal } from '@preact/signals';
import { language } from './words.js';

export const online = signal(true);
/** none: nobody is signed in; open; over: the session has ended and what is on the page stays. */
export const session = signal('none');
let token = null;
export const holds = (text) => { token = text; session.value = text ? 'open' : 'none'; };

/** What the server refused, in its words. `status` 0: it was not reached. */
export class Problem extends Error {
  constructor(status, data) {
    super(data?.detail ?? '');
    Object.assign(this, { status, data: data ?? {}, errors: data?.errors ?? [] });
  }
}

const PATIENCE = 40_000; // milliseconds

/** Sends one call; answers {status, data, headers}. Raises Problem. */
export async function call(method, path, body, { headers = {}, raw = false } = {}) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), PATIENCE);
  let answer;
  try {
    answer = await fetch(path, {
      method, signal: stop.signal, cache: 'no-store', credentials: 'omit', redirect: 'error', referrerPolicy: 'no-referrer',
      headers: {
        accept: raw ? '*/*' : 'application/json', 'accept-language': language.value,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token && !path.startsWith('/_local/') ? { authorization: `Bearer ${token}` } : {}), ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    online.value = true;
    if (raw && answer.ok) return { status: answer.status, data: await answer.blob(), headers: answer.headers };
    const text = answer.status === 304 ? '' : await answer.text();
    let data = null;
    try { data = text ? JSON.parse(text) : null; } catch { /* a proxy's page */ }
    if (answer.status === 401 && token) session.value = 'over';
    if (!answer.ok && answer.status !== 304) throw new Problem(answer.status, data);
    return { status: answer.status, data, headers: answer.headers };
  } catch (error) {
    if (error instanceof Problem) throw error;
    online.value = false;
    throw new Problem(0, null);
  } finally {
    clearTimeout(timer);
  }
}
export const get = async (path, options) => (await call('GET', path, undefined, options)).data;

/** When the session ends (milliseconds), as the token says; null where it does not. */
export function sessionEnds() {
  try { return JSON.parse(atob(token.split('.')[1].replaceAll('-', '+').replaceAll('_', '/'))).exp * 1000; } catch { return null; }
}
/** The claims of the token: for the page's own use, never for a decision of the server. */
export function claims() {
  try {
    const bytes = Uint8Array.from(atob(token.split('.')[1].replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch { return {}; }
}
