// Review: exactly what leaves. The yes covers these renderings and no others; the hash goes along by itself.
import { html } from 'htm/preact';
import { useEffect, useState } from 'preact/hooks';
import { call, get } from '../api.js';
import { Button, Chip, Empty, Fold, Moment, names, Refusal, Text, Tick, useAct, useKept, Who } from '../parts.js';
import { mayReview, reviewers, versionsOf } from '../rules.js';
import { announce, freeze, has, me, organisation, readCase, refresh } from '../state.js';
import { languageName, t } from '../words.js';
import { Difference, Findings, Grouped, Renderings } from './case-writing.js';
import { VersionLine } from './case.js';

export function Versions({ doc }) {
  const list = versionsOf(doc);
  return html`<section><h2>${t('case.view_texts')}</h2>${list.length ? html`<ul class="rows">${list.map((one) => html`<li key=${one.version}><${VersionLine} doc=${doc} version=${one} /></li>`)}</ul>` : html`<${Empty}>${t('version.none')}<//>`}
    ${has('responder') && doc.status !== 'closed' && html`<p><a class="button secondary" href=${`#/cases/${doc.id}/write`}>${t('task.write.verb')}</a></p>`}</section>`;
}

export function Review({ doc, number }) {
  const version = doc.responses.find((one) => one.version === number), earlier = versionsOf(doc).find((one) => one.version < number && Object.keys(one.texts).length);
  const [preview, setPreview] = useState(null), [rejecting, setRejecting] = useState(false), [compare, setCompare] = useState(false);
  const [form, set, sent] = useKept(`review/${doc.id}/${number}`, { comment: '' }), act = useAct(), look = useAct();
  useEffect(() => { look.run(async () => setPreview(await get(`/cases/${doc.id}/response/${number}/preview`))); }, [number, version?.state]);
  if (!version) return html`<p>${t('version.unknown')}</p>`;
  const mine = mayReview(version, me.value), waits = reviewers(version, organisation.value.people);
  const inStage = (one) => (freeze.value?.active && freeze.value.holding?.includes(doc.id) ? organisation.value.channels?.find((each) => each.id === one.channel)?.statement_during_freeze ?? true : true);
  const all = preview?.renderings ?? [], reached = all.filter(inStage), later = all.filter((one) => !inStage(one));
  const decide = (decision) => act.run(async () => {
    await call('POST', `/cases/${doc.id}/response/${number}/review`, { decision, content_hash: preview.content_hash, comment: form.comment });
    sent();
    setRejecting(false);
    announce(t(`review.${decision}d`));
    await Promise.all([readCase(doc.id), refresh()]);
  });
  return html`<section class="review"><div class="section-head"><h2>${t('version.name', { version: number })} · ${t(`kinds.${version.kind}`)}</h2><${Chip} tone=${{ draft: 'soon', in_review: 'running', approved: 'good', rejected: 'late', superseded: 'quiet' }[version.state]}>${t(`version.${version.state}`)}<//></div>
    <p class="more">${t('review.written_by')} <strong><${Who} id=${version.by} /></strong> <${Moment} at=${version.at} />${version.approvals.map((one) => html` · ${t('review.yes_of')} <strong><${Who} id=${one.by} /></strong> <${Moment} at=${one.at} />`)}</p>
    ${version.state === 'rejected' && version.review_comment && html`<p class="note late"><strong>${t('version.rejected')}</strong> : <bdi>${version.review_comment}</bdi></p>`}
    ${version.approvals_needed > 1 && version.state === 'in_review' && html`<p>${t('review.needed', { n: version.approvals_needed })}</p>`}
    ${version.findings.length > 0 && html`<${Fold} title=${t('review.findings', { n: version.findings.length })} open><div class="by-language">${[...new Set(version.findings.map((one) => one.language))].map((tag) => html`<div key=${tag ?? ''}>${tag && html`<h3>${languageName(tag)}</h3>`}<${Findings} list=${version.findings.filter((one) => one.language === tag)} /></div>`)}</div><//>`}<${Refusal} problem=${look.problem} />
    <h3>${t('review.exactly')}</h3>
    ${!preview ? html`<p class="quiet-line">${t('act.reading')}</p>` : html`<${Grouped} list=${reached} />${reached.length > 2 && html`<${Fold} title=${t('review.one_by_one')}><${Renderings} list=${reached} /><//>`}${later.length > 0 && html`<${Fold} title=${t('review.later', { n: later.length })}><${Renderings} list=${later} /><//>`}`}
    ${earlier && html`<${Tick} label=${t('write.compare', { version: earlier.version })} value=${compare} onValue=${setCompare} />${compare && Object.entries(version.texts).map(([tag, text]) => html`<section key=${tag}><h4>${languageName(tag)}</h4><${Difference} before=${earlier.texts[tag] ?? ''} after=${text} /></section>`)}`}
    <${Refusal} problem=${act.problem} />
    ${mine && preview ? html`<div class="decision"><p><strong>${t('review.covers', { n: all.length })}</strong> ${t('review.ask')}</p>
      ${rejecting ? html`<form onSubmit=${(event) => { event.preventDefault(); if (form.comment.trim()) decide('reject'); }}><${Text} label=${t('review.why_no')} hint=${t('review.why_no_hint')} value=${form.comment} onValue=${(comment) => set({ comment })} rows=${3} maxlength="2000" required /><div class="acts"><${Button} kind="danger" busy=${act.busy} disabled=${!form.comment.trim()}>${t('review.reject_now')}<//><${Button} kind="secondary" onClick=${() => setRejecting(false)}>${t('act.cancel')}<//></div></form>`
      : html`<div class="acts"><${Button} kind="primary big" busy=${act.busy} onClick=${() => decide('approve')}>${t('review.approve', { n: all.length })}<//><${Button} kind="secondary big" onClick=${() => setRejecting(true)}>${t('review.reject')}<//></div>`}</div>`
    : version.state === 'in_review' && !mine ? html`<p class="note info">${version.by === me.value.id ? t('review.yours') : version.approvals.some((one) => one.by === me.value.id) ? t('review.you_said_yes') : ''} ${waits.length ? html`${t('review.awaits')} <strong>${names(waits.map((one) => one.id), 'disjunction')}</strong>.` : t('review.awaits_other')}</p>`
    : version.state === 'draft' && version.by === me.value.id ? html`<div class="acts"><a class="button primary" href=${`#/cases/${doc.id}/write`}>${t('version.go_on')}</a></div>` : null}</section>`;
}
