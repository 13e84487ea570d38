// What somebody has typed and not sent. It lives in the tab's own storage under the person's id, survives a lost session and a
// reload, and is erased when the person signs out or somebody else signs in.
const PREFIX = 'kept:';
const store = () => { try { return window.sessionStorage; } catch { return null; } };
let owner = '';

/** From now on what is typed belongs to this person; what another one left is erased. */
export function belongsTo(person) {
  owner = person;
  const kept = store();
  if (!kept) return;
  for (const key of Object.keys(kept)) if (key.startsWith(PREFIX) && !key.startsWith(`${PREFIX}${person}:`)) kept.removeItem(key);
}
export function keep(place, value) {
  try {
    store()?.setItem(`${PREFIX}${owner}:${place}`, JSON.stringify(value));
    return true;
  } catch { return false; }
}
export function kept(place) {
  try { return JSON.parse(store()?.getItem(`${PREFIX}${owner}:${place}`) ?? 'null'); } catch { return null; }
}
export function forget(place) { try { store()?.removeItem(`${PREFIX}${owner}:${place}`); } catch { /* nothing was kept */ } }
export function forgetAll() {
  const kept = store();
  if (kept) for (const key of Object.keys(kept)) kept.removeItem(key);
  owner = '';
}
