import type { Diagnosis, DiagnosedCause, MeasuredSuspect } from '../../core/diagnosis.ts'
import type { Style } from '../../report/style.ts'
import { table } from '../../report/table.ts'
import { wrap } from '../../report/wrap.ts'
import { causes } from '../../diagnosis/causes.generated.ts'

const titles = {
  network: 'Network',
  load: 'Load',
  'server-down': 'Server down',
  deployment: 'Deployment',
  'application-code': 'Application code',
} as const

/** A diagnosis as one reads it at three in the morning: what it is, why we say so, what it is not, what to type. */
export function diagnosisText(diagnosis: Diagnosis, style: Style, width: number): readonly string[] {
  const [first, ...rivals] = diagnosis.causes
  const named = first && (first.verdict === 'confirmed' || first.verdict === 'probable') ? first : null
  return [
    ...headline(diagnosis, named, style),
    ...(named ? ['', ...causeText(named, diagnosis, style, width)] : []),
    '',
    style.strong('What it is not'),
    ...diagnosis.suspects.flatMap((suspect) => suspectLines(suspect, style, width)),
    ...section(
      'Not explained',
      diagnosis.unexplained.map((check) => style.warning(check)),
      style,
    ),
    ...section(
      'Not seen',
      (diagnosis.not_seen ?? []).flatMap(({ node, detail, remedy }) => [
        ...wrap(`${node}: ${detail}`, width - 2),
        ...wrap(remedy, width - 4).map((line) => `  ${style.name(line)}`),
      ]),
      style,
    ),
    ...section(
      'Also looked at',
      (named ? rivals : diagnosis.causes).map(
        ({ id, subject, verdict, missing }) =>
          `${id} on ${subject}: ${verdict}${missing === undefined || missing === diagnosis.next_probe ? '' : ` (${missing})`}`,
      ),
      style,
    ),
    ...(diagnosis.next_probe === undefined
      ? []
      : ['', `${style.strong('What would decide')}  ${diagnosis.next_probe}`]),
  ]
}

function headline(diagnosis: Diagnosis, named: DiagnosedCause | null, style: Style): readonly string[] {
  if (diagnosis.verdict === 'healthy') return [style.good('Nothing is wrong that hurts anybody.')]
  const unread = (diagnosis.not_seen ?? []).filter(({ check }) => check === 'connections/reachable')
  if (unread.length > 0 && diagnosis.causes.length === 0)
    return [
      style.bad(`${unread.map(({ node }) => node).join(', ')} could not be read: why, and what to do, is said below.`),
    ]
  if (!named || diagnosis.verdict === 'unknown') {
    const alike = diagnosis.causes.filter(({ verdict, explains }) => verdict === 'possible' && explains.length > 0)
    return [
      style.bad(
        alike.length > 1
          ? 'Something is wrong, and what was seen does not tell which of the causes below it is.'
          : 'Something is wrong, and none of the causes that are known fits what was seen.',
      ),
    ]
  }
  const title = causes.find(({ id }) => id === named.id)?.title ?? named.id
  const how = named.verdict === 'confirmed' ? style.bad('Confirmed') : style.warning('Probable')
  return [`${how}: ${style.strong(title)}`, `${style.name(named.id)} on ${style.name(named.subject)}`]
}

function causeText(cause: DiagnosedCause, diagnosis: Diagnosis, style: Style, width: number): readonly string[] {
  const triggers = diagnosis.changes.filter(({ id }) => id === cause.trigger || cause.triggers?.includes(id))
  return [
    style.strong('Why'),
    ...table(
      cause.evidence.map(({ words, source }) => ['  ·', `${words} ${style.faint(`(${source})`)}`]),
      { width, gap: 1 },
    ),
    ...section(
      triggers.length > 1 ? 'One of these changes came before it' : 'The change that set it off',
      triggers.map(
        ({ object, before, after, atMs }) =>
          `${timeOf(atMs)}  ${object}: ${before === null ? 'new' : before}${after === null ? ', gone' : before === null ? `, ${after}` : ` → ${after}`}`,
      ),
      style,
    ),
    ...section(
      'What to do',
      [
        cause.remedy.words,
        ...cause.remedy.commands.map((command) => style.name(command)),
        ...(cause.remedy.plan ? [style.faint('or type: antemortem mend plan')] : []),
      ],
      style,
    ),
  ]
}

const section = (title: string, lines: readonly string[], style: Style): readonly string[] =>
  lines.length === 0 ? [] : ['', style.strong(title), ...lines.map((line) => `  ${line}`)]

function suspectLines(suspect: MeasuredSuspect, style: Style, width: number): readonly string[] {
  const { id, verdict, measured, limit, unit, why } = suspect
  const word = {
    'ruled-out': style.good('ruled out '),
    implicated: style.bad('implicated'),
    'not-tested': style.warning('not tested'),
  }[verdict]
  const number = measured === null ? '' : `${measured} ${unit ?? ''} ${style.faint(`(limit ${limit ?? '–'})`)}`
  return [
    `  ${word}  ${titles[id].padEnd(16)}  ${number}`.trimEnd(),
    ...wrap(why, Math.max(30, width - 32)).map((line) => `${' '.repeat(32)}${style.faint(line)}`),
  ]
}

/** Hours, minutes and seconds in UTC: the date is known to whoever reads it now. */
export const timeOf = (atMs: number): string => new Date(atMs).toISOString().slice(11, 23)
