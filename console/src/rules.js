// What the page concludes from the documents of the interface. Pure: time and person are arguments.
const HOUR = 3_600_000;
export const LIVE = ['draft', 'in_review', 'approved'];

/** The state of a clock in the page's words: kept, late_kept, cancelled, late, soon (a tenth of it or two hours left), running. */
export function clockMood(clock, origin, now) {
  if (clock.state === 'met') return 'kept';
  if (clock.state === 'met_late') return 'late_kept';
  if (clock.state === 'cancelled') return 'cancelled';
  const due = Date.parse(clock.due_at);
  // What a freeze forbade is late for those outside, and nobody here missed it.
  if (clock.frozen_since) return 'soon';
  if (clock.state === 'breached' || now > due) return 'late';
  return due - now <= Math.max(2 * HOUR, (due - origin) / 10) ? 'soon' : 'running';
}
/** The clock that matters next: the first that still runs or is late. */
export const nextClock = (doc) => (doc.clocks ?? []).filter((clock) => ['running', 'breached'].includes(clock.state))
  .sort((a, b) => Date.parse(a.due_at) - Date.parse(b.due_at))[0] ?? null;

export function firstSentence(text, longest = 80) {
  const line = (text ?? '').replace(/\s+/g, ' ').trim();
  const sentence = line.match(/^.{12,}?[.!?…](?=\s|$)/u)?.[0] ?? line;
  return [...sentence].length <= longest ? sentence : `${[...sentence].slice(0, longest - 1).join('').trimEnd()}…`;
}
export const firstMessage = (doc) => [...(doc?.messages ?? [])].filter((one) => !one.withdrawn)
  .sort((a, b) => Date.parse(a.published_at) - Date.parse(b.published_at))[0] ?? null;
export const titleOf = (doc) => doc?.title ?? (firstMessage(doc) ? firstSentence(firstMessage(doc).text) : '');

export const versionsOf = (doc) => [...(doc?.responses ?? [])].sort((a, b) => b.version - a.version);
/** The version that people work on: the newest that is not dead. */
export const current = (doc, kind = null) => versionsOf(doc).find((one) => LIVE.includes(one.state) && (!kind || one.kind === kind)) ?? null;
export const inReview = (doc) => versionsOf(doc).filter((one) => one.state === 'in_review');

/** Where the case stands, as one word of the catalogue. */
export function step(doc, freeze) {
  if (!doc) return 'responding';
  if (doc.status === 'closed') return 'closed';
  if (doc.status === 'triage') return 'triage';
  if (freeze?.active && freeze.holding?.includes(doc.id) && freeze.state !== 'statement') return 'held';
  if (doc.no_response?.confirmed_at && !doc.no_response.reopened_at) return 'watching';
  if (doc.status === 'responding') {
    const version = current(doc, 'response');
    if (!version || version.state === 'draft') return 'writing';
    return version.state === 'in_review' ? 'review' : 'publishing';
  }
  return owed(doc).length || doc.status === 'published' ? 'following_up' : 'to_close';
}
export const owed = (doc) => (doc?.duties ?? []).filter((duty) => duty.state === 'open');
const awaiting = (doc) => (doc?.deliveries ?? []).filter((one) => one.required && ['waiting', 'held', 'sending', 'failed', 'manual'].includes(one.state));

/** Whether the case could be closed now, as far as the page can see. */
export const closable = (doc) => doc.status !== 'closed' && doc.status !== 'triage' && owed(doc).length === 0
  && (doc.clocks ?? []).every((clock) => !['running', 'breached'].includes(clock.state)) && awaiting(doc).length === 0 && inReview(doc).length === 0;

/** What becomes of a version next: who can say yes to it. `people` may be empty where the organisation is not known. */
export function reviewers(version, people) {
  const given = new Set(version.approvals.map((one) => one.by));
  return people.filter((one) => one.access.some((role) => ['approver', 'director'].includes(role)) && one.id !== version.by && !given.has(one.id));
}
export const mayReview = (version, me) => version.state === 'in_review' && version.by !== me.id
  && me.access.some((role) => ['approver', 'director'].includes(role)) && !version.approvals.some((one) => one.by === me.id);

/** Whether somebody's duty roles make it theirs; a person without any (known by a token alone) is asked for whatever their role allows. */
const asked = (me, ...duties) => !me.duties.length || duties.some((duty) => me.duties.includes(duty));
const can = (me, ...roles) => me.access.some((role) => roles.includes(role));
/** Actions that are done by publishing a text of a kind: the page leads to writing it. */
const WRITTEN = { 'C2.5': 'update', R6: 'update', 'C2.6': 'closing_announcement' };
export const writtenKind = (duty) => WRITTEN[duty?.id] ?? (duty?.promised_in && duty.automatic ? 'update' : null); // a promise of news is kept by news
/** Actions that the delivery to the community shows, where there is a channel to it. */
const TOLD = ['C1.3', 'C2.3', 'C3.4', 'C4.3'];
export const isTold = (id) => TOLD.includes(id);
export const tellsItself = (id, channels) => isTold(id) && (channels ?? []).some((one) => one.audience === 'community' && one.required !== false);
/** Whether a version has gone everywhere that it must. */
export const isOut = (doc, version) => {
  const mine = (doc.deliveries ?? []).filter((one) => one.version === version.version && one.required && one.act === 'publish');
  return mine.length > 0 && mine.every((one) => ['published', 'retracted', 'cancelled'].includes(one.state));
};
/** Whether somebody still has to write the news that a text has promised. */
const toWrite = (doc, duty) => Boolean(duty.promised_in) && !versionsOf(doc).some((one) => ['update', 'closing_announcement', 'response'].includes(one.kind) && one.version > duty.promised_in && ['in_review', 'approved'].includes(one.state));
/** Whether a duty is this person's: named owner, or (without one) a duty role of theirs. */
export const isMine = (duty, me) => (duty.owner ? duty.owner === me.id : me.duties.includes(duty.role));

/** What waits for this person in one case. */
export function waiting(doc, freeze, me) {
  if (doc.status === 'closed') return [];
  const found = [], to = `/#/cases/${doc.id}`, title = titleOf(doc), ready = doc.clocks?.find((clock) => clock.id === 'response_ready');
  const add = (id, kind, link, what = {}, due = null, since = doc.opened_at) =>
    found.push({ id: `${id}:${doc.id}`, kind, case_id: doc.id, title, brand: doc.brand, due_at: due, link: to + link, what, since });
  const due = ready && ['running', 'breached'].includes(ready.state) ? ready.due_at : null;
  if (doc.status === 'triage' && can(me, 'responder') && asked(me, 'on_call', 'writer')) add('triage', 'triage', '/triage', {}, due);
  if (doc.leak_suspected && !doc.leak && can(me, 'director') && !freeze?.active) add('suspicion', 'suspicion', '/suspicion', {});
  const silent = doc.no_response && !doc.no_response.reopened_at;
  if (silent && !doc.no_response.confirmed_at && doc.no_response.proposed_by !== me.id && can(me, 'approver', 'director')) {
    add('no-response', 'confirm_no_response', '/no-response', { by: doc.no_response.proposed_by }, due, doc.no_response.proposed_at);
  }
  if (doc.status === 'responding' && !(silent && doc.no_response.confirmed_at) && can(me, 'responder') && asked(me, 'writer')) {
    const version = current(doc, 'response'), last = versionsOf(doc).find((one) => one.kind === 'response');
    if (!version || version.state === 'draft') {
      const again = last && ['rejected', 'draft'].includes(last.state) ? last : null;
      add('write', 'write', '/write', { again: again?.version ?? null, state: again?.state ?? null, by: again?.by }, due);
    }
  }
  for (const version of inReview(doc)) {
    if (mayReview(version, me)) add(`review-${version.version}`, 'review', `/review/${version.version}`, { version: version.version, by: version.by, kind: version.kind }, due, version.at);
  }
  for (const duty of owed(doc)) {
    if ((!duty.automatic || toWrite(doc, duty)) && isMine(duty, me) && can(me, 'responder')) {
      add(`duty-${duty.id}`, 'duty', `/duty/${duty.id}`, { duty: duty.id, duty_title: duty.title }, duty.due_at, duty.opened_at);
    }
  }
  if (can(me, 'responder')) {
    const stuck = (doc.deliveries ?? []).filter((one) => ['failed', 'manual'].includes(one.state));
    if (stuck.length) add('delivery', 'delivery', '/deliveries', { n: stuck.length, channel: stuck[0].channel }, doc.clocks?.find((clock) => clock.id === 'response_published' && clock.state === 'running')?.due_at ?? null);
    if (closable(doc) && asked(me, 'writer', 'pilot')) add('close', 'close', '/close', {});
  }
  if (can(me, 'approver', 'director')) {
    const proposed = (doc.deliveries ?? []).filter((one) => one.retraction && !one.retraction.confirmed_at && one.retraction.proposed_by !== me.id);
    if (proposed.length) add('retraction', 'retraction', '/deliveries', { n: proposed.length, channel: proposed[0].channel, by: proposed[0].retraction.proposed_by });
  }
  return found;
}

/** What the freeze asks of this person: a yes to the release, and proofs that a channel was stopped by hand. */
export function freezeWaits(freeze, me, docs) {
  if (!freeze?.active) return [];
  const found = [], open = (freeze.checklist ?? []).filter((entry) => !entry.proof);
  if (open.length && can(me, 'responder', 'director')) found.push({ id: 'checklist', kind: 'freeze_checklist', case_id: null, title: '', due_at: null, link: '/#/freeze', what: { n: open.length, channel: open[0].channel }, since: freeze.raised_at });
  if (can(me, 'director')) {
    for (const stage of releasable(freeze, docs)) {
      if (stage.votes.some((vote) => vote.by === me.id) || !(stage.votes.length || (stage.scope === 'statement' && stage.version && !stage.released) || (stage.scope === 'all' && freeze.statements?.[stage.case_id]))) continue;
      found.push({ id: `release-${stage.scope}:${stage.case_id ?? ''}`, kind: 'release', case_id: stage.case_id, title: titleOf(docs[stage.case_id]), due_at: null,
        link: `/#/release/${stage.scope}${stage.case_id ? `/${stage.case_id}` : ''}`, what: { scope: stage.scope, by: stage.votes[0]?.by ?? null }, since: stage.votes[0]?.at ?? freeze.raised_at });
    }
  }
  return found;
}

/** The stages that two directors may release now: [{scope, case_id, version, votes}]. */
export function releasable(freeze, docs) {
  const cases = freeze.holding?.length ? freeze.holding : [null];
  return cases.flatMap((id) => ['statement', 'all'].map((scope) => {
    const approved = id ? versionsOf(docs[id]).find((one) => one.state === 'approved') : null;
    const votes = (freeze.releases ?? []).filter((vote) => vote.scope === scope && (vote.case_id ?? null) === id
      && (scope === 'all' || !vote.content_hash || vote.content_hash === approved?.content_hash));
    const released = scope === 'statement' && approved && freeze.statements?.[id] === approved.content_hash;
    return { scope, case_id: id, version: approved ?? null, votes, possible: scope === 'all' || Boolean(id && approved && !released && freeze.state !== 'raised'), released: Boolean(released) };
  })).filter((stage) => stage.case_id || stage.scope === 'all');
}

/** Who or what a case waits for: [{what, people}] with roles where nobody is named. */
export function awaited(doc, people, freeze) {
  const found = [];
  if (!doc || doc.status === 'closed') return found;
  const withRole = (role) => people.filter((one) => one.access.includes(role)).map((one) => one.id);
  if (doc.status === 'triage') found.push({ what: 'triage', people: people.filter((one) => one.duties?.includes('on_call')).map((one) => one.id) });
  for (const version of inReview(doc)) found.push({ what: 'review', version: version.version, people: reviewers(version, people).map((one) => one.id), any: true });
  if (doc.status === 'responding' && !current(doc, 'response') && !doc.no_response?.confirmed_at) found.push({ what: 'write', people: people.filter((one) => one.duties?.includes('writer')).map((one) => one.id) });
  if (freeze?.active && freeze.holding?.includes(doc.id)) found.push({ what: 'release', people: withRole('director'), any: true });
  for (const duty of owed(doc)) if (!duty.automatic) found.push({ what: 'duty', duty: duty.id, title: duty.title, people: duty.owner ? [duty.owner] : people.filter((one) => one.duties?.includes(duty.role)).map((one) => one.id), role: duty.role });
  return found;
}

/** What a summary is completed with, where the server does not do it. */
export const shown = (doc, freeze) => (doc ? { title: titleOf(doc), step: step(doc, freeze), brand: doc.brand } : { title: '', step: 'responding' });

export function soonest(list) {
  const time = (text) => (text ? Date.parse(text) : Infinity);
  const rank = { suspicion: -2, release: -1 };
  return [...list].sort((a, b) => (rank[a.kind] ?? 0) - (rank[b.kind] ?? 0) || time(a.due_at) - time(b.due_at) || time(a.since) - time(b.since));
}
export const onCall = (people) => people.filter((one) => one.duties?.includes('on_call')).map((one) => ({ role: 'on_call', person: one.id, until: null }));

/** Two names are the same person's as people type them: accents, case and blanks aside. */
export const sameName = (a, b) => {
  const plain = (text) => (text ?? '').normalize('NFKD').replace(/\p{M}/gu, '').replace(/\s+/g, ' ').trim().toLowerCase();
  return plain(a) !== '' && plain(a) === plain(b);
};
/** Length as people count: user-perceived characters. */
export const length = (text) => [...new Intl.Segmenter().segment(text ?? '')].length;

/** The states of the case's machine that lie behind, and the one that it stands in; `states` are those of its picture. */
export function procedure(doc, states) {
  const behind = new Set(), at = new Set();
  const out = (audience) => (doc.deliveries ?? []).filter((one) => one.kind === 'response' && one.act === 'publish' && one.required && (!audience || one.audience === audience) && !['cancelled', 'retracted'].includes(one.state));
  const done = (list) => list.length > 0 && list.every((one) => one.state === 'published');
  const silent = doc.no_response?.confirmed_at && !doc.no_response.reopened_at;
  const approved = versionsOf(doc).some((one) => one.kind === 'response' && (one.state === 'approved' || out().some((each) => each.version === one.version)));
  const begun = ['Begin', 'LookAtDuties', 'SendFileToAgency', 'TellTheTeam', 'StartRounds'];
  begun.forEach((id) => behind.add(id));
  if (silent) {
    ['Respond', 'IsThereAResponse', 'TellOfNoResponse'].forEach((id) => behind.add(id));
    at.add(states.includes('WatchInSilence') ? 'WatchInSilence' : 'WatchConditions');
  } else if (!approved) at.add('Respond');
  else {
    ['Respond', 'IsThereAResponse'].forEach((id) => behind.add(id));
    const told = doc.duties.find((duty) => ['C2.3', 'C4.3'].includes(duty.id));
    const everywhere = out().length > out('community').length;
    if (!done(out('community')) && told) at.add('PublishToCommunity');
    else if (told && told.state === 'open') {
      ['PublishToCommunity', 'IsTheCommunityServed', 'AskToTellCommunity'].forEach((id) => behind.add(id));
      // Where asking is a machine of its own, the case stands in the state that asks.
      if (states.includes('WaitForCommunity')) at.add('WaitForCommunity');
      else {
        behind.delete('AskToTellCommunity');
        at.add('AskToTellCommunity');
      }
    } else {
      ['PublishToCommunity', 'IsTheCommunityServed', 'AskToTellCommunity', 'WaitForCommunity', 'WasTheCommunityTold'].forEach((id) => behind.add(id));
      if (everywhere && done(out())) {
        ['PublishEverywhere', 'IsItPublished', 'TellOfPublication'].forEach((id) => behind.add(id));
        at.add('FollowUp');
      } else at.add('PublishEverywhere');
    }
  }
  if (doc.status === 'closed') {
    at.forEach((id) => behind.add(id));
    at.clear();
    at.add('ProcedureEnds');
  }
  return { behind, at };
}
