// Places of the page live behind the #: no server, proxy or log sees which case somebody reads.
import { signal } from '@preact/signals';

const read = () => decodeURI(location.hash.replace(/^#\/?/, '')).split('/').filter(Boolean);
export const route = signal(read());
addEventListener('hashchange', () => { route.value = read(); });
export const go = (place) => { location.hash = place.replace(/^\/?#?/, '#'); };
