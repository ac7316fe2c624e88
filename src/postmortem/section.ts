import type { Line } from './lines.ts'

export type Section =
  | 'none'
  | 'summary'
  | 'duration'
  | 'start'
  | 'end'
  | 'impact'
  | 'timeline'
  | 'cause'
  | 'resolution'
  | 'measures'
  | 'other'

/** How people name the parts of a postmortem. Longer names come first: `root cause and resolution` is not `root cause`. */
const names: readonly (readonly [Section, readonly string[]])[] = [
  ['resolution', ['root cause and resolution', 'resolution explanation', 'resolution and recovery', 'resolution']],
  ['cause', ['root cause analysis', 'root cause of the outage', 'root cause', 'contributing factors']],
  [
    'summary',
    [
      'issue summary',
      'summary of outage',
      'incident summary',
      'executive summary',
      'summary',
      'overview',
      'introduction',
    ],
  ],
  ['duration', ['duration of the outage', 'duration of outage', 'duration']],
  ['start', ['start time', 'started', 'start']],
  ['end', ['end time', 'ended', 'end']],
  ['impact', ['impact']],
  [
    'timeline',
    ['key events + context (incident log)', 'timeline of events', 'incident timeline', 'timeline', 'time line'],
  ],
  [
    'measures',
    [
      'corrective and preventative measures',
      'corrective and preventive measures',
      'corrective and preventative actions',
      'corrective measures',
      'preventative measures',
      'preventive measures',
      'remediation',
      'action items',
      'actions following review',
      'review actions',
      'lessons learned',
    ],
  ],
]

const byName = new Map(names.flatMap(([section, words]) => words.map((word) => [word, section] as const)))

/** A heading, or a label at the start of a line: which part begins there, and what already follows it on the line. */
export function sectionOf(line: Line): { section: Section; rest: string } | null {
  const colon = line.text.indexOf(':')
  const label = (colon < 0 ? line.text : line.text.slice(0, colon))
    .trim()
    .toLowerCase()
    .replace(/^\d+[.)]\s*/, '')
  const section = byName.get(label)
  // A label without a colon is a heading or it is a sentence's beginning.
  if (section !== undefined && (colon >= 0 || line.kind === 'heading' || label === line.text.toLowerCase()))
    return { section, rest: colon < 0 ? '' : line.text.slice(colon + 1).trim() }
  return line.kind === 'heading' ? { section: 'other', rest: '' } : null
}

/** A line with the part that it belongs to. */
export interface PlacedLine extends Line {
  readonly section: Section
}

/** Each line under the last part that was named above it; a label itself gives the words behind it. */
export function placed(lines: readonly Line[]): readonly PlacedLine[] {
  const result: PlacedLine[] = []
  let section: Section = 'none'
  let depth = 0
  for (const line of lines) {
    const begins = sectionOf(line)
    // `### Tasks` inside the measures does not end them; `## Conclusion` does.
    const within = begins?.section === 'other' && line.depth > depth && section !== 'none'
    if (begins && !within) {
      section = begins.section
      depth = line.depth
    }
    const labelled = begins !== null && !within && begins.section !== 'other'
    result.push({ ...line, section, ...(labelled ? { kind: 'text', text: begins.rest, continues: false } : {}) })
  }
  return result
}
