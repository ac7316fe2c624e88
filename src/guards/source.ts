import type { OutageSource } from '../core/outage.ts'
import type { Postmortem } from '../postmortem/postmortem.ts'

/** `docs/postmortems/0-auth-schema-update.md` is outage 0; a name that begins with a date is its own id. */
export function outageId(file: string): string {
  const name = (file.split(/[/\\]/).at(-1) ?? file).replace(/\.[a-z]+$/i, '')
  return /^(\d+[a-z]?)-(?=\D)/.exec(name)?.[1] ?? name
}

/** What coverage needs of a postmortem. */
export function outageSource(postmortem: Postmortem): OutageSource {
  return {
    id: outageId(postmortem.file),
    title: postmortem.title,
    source: postmortem.file,
    original: { toCauseMin: postmortem.minutes.toCause, totalMin: postmortem.minutes.total },
    guards: postmortem.measures.flatMap(({ guards, line }) => guards.map((guard) => ({ guard, line }))),
  }
}
