import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'

/** What a measurement gives: a table, notes below it, and whether what was promised is met. */
export interface Measured {
  readonly header: readonly string[]
  readonly rows: readonly (readonly string[])[]
  readonly notes: readonly string[]
  readonly met: boolean
}

export interface Part {
  readonly name: string
  readonly title: string
  /** Folders and files whose change makes the figures old. */
  readonly speaksOf: readonly string[]
  readonly load: () => Promise<{ default: (progress: (words: string) => void) => Promise<Measured> }>
}

const watching = ['src/checks', 'src/diagnosis', 'src/findings', 'src/incidents', 'src/watch', 'src/rows/touched.ts']

export const parts: readonly Part[] = [
  {
    name: 'seed0',
    title: '20 runs of outage 0 with different seeds: noticed, named, mended',
    speaksOf: [...watching, 'src/drills/outages/0-auth-schema-update.ts'],
    load: () => import('./seed0.ts'),
  },
  {
    name: 'look-alikes',
    title: 'What looks like outage 0 and is not',
    speaksOf: ['src/checks', 'src/diagnosis', 'src/drills/outages'],
    load: () => import('./look-alikes.ts'),
  },
  {
    name: 'outages',
    title: 'All drills, with everything and with less evidence',
    speaksOf: [...watching, 'src/contracts', 'src/drills'],
    load: () => import('./outages.ts'),
  },
  {
    name: 'healthy',
    title: 'Sixty minutes under load with nothing wrong',
    speaksOf: ['src/checks', 'src/diagnosis', 'src/findings', 'src/incidents'],
    load: () => import('./healthy.ts'),
  },
  {
    name: 'cost',
    title: 'What watching costs a server, beside postgres_exporter',
    speaksOf: [
      'src/engines/postgres/observe',
      'src/engines/postgres/sample.ts',
      'src/contracts',
      'src/rows/touched.ts',
    ],
    load: () => import('./cost.ts'),
  },
  {
    name: 'many',
    title: '300 nodes looked at every second by one process',
    speaksOf: [
      'src/fleet',
      'src/changes',
      'src/engines/postgres/observe',
      'src/engines/postgres/ask.ts',
      'bench/many.ts',
    ],
    load: () => import('./many.ts'),
  },
  {
    name: 'check-speed',
    title: 'How long one look at a healthy cluster takes',
    speaksOf: ['src/cli/audit.ts', 'src/cli/look.ts', 'src/watch', 'src/fleet', 'src/checks'],
    load: () => import('./check-speed.ts'),
  },
  {
    name: 'peers',
    title: 'The five outages beside Prometheus and check_postgres',
    speaksOf: ['src/checks', 'src/diagnosis', 'src/drills/outages', 'bench/peers'],
    load: () => import('./peers.ts'),
  },
  {
    name: 'replay',
    title: 'One bundle, other places: the same bytes',
    speaksOf: ['src/diagnosis', 'src/core/json.ts', 'src/shapes'],
    load: () => import('./replay.ts'),
  },
  {
    name: 'verify',
    title: 'What comparing rows costs, and what it sees',
    speaksOf: ['src/rows', 'src/engines/postgres/rows', 'bench/verify'],
    load: () => import('./verify.ts'),
  },
  {
    name: 'gate-review',
    title: 'What the review of a change sees',
    speaksOf: [
      'src/gate/review',
      'src/gate/change',
      'bench/gate/caught.ts',
      'bench/gate/review-cases.ts',
      'test/gate-cases',
    ],
    load: () => import('./gate-review.ts'),
  },
  {
    name: 'gate-rehearse',
    title: 'What the rehearsal of a change sees, and how long it takes',
    speaksOf: [
      'src/gate/canary',
      'src/gate/change',
      'src/gate/copy',
      'src/gate/files',
      'src/gate/fill',
      'src/gate/rules',
      'src/gate/run',
      'src/gate/wayback',
      'src/engines/postgres/ddl',
      'src/gate/review',
      'src/gate/wrap',
      'bench/gate/caught.ts',
      'bench/gate/rehearse-case.ts',
      'bench/gate/wrap-case.ts',
      'bench/gate/rehearse-many.ts',
      'test/gate-cases',
    ],
    load: () => import('./gate-rehearse.ts'),
  },
  {
    name: 'gate-drills',
    title: 'The changes of the five outages at the gate',
    speaksOf: [
      'src/drills/outages',
      'src/cli/gate',
      'src/gate/review',
      'src/gate/rules',
      'src/gate/run',
      'src/gate/wrap',
    ],
    load: () => import('./gate-drills.ts'),
  },
  {
    name: 'gate-apply',
    title: 'How long writers wait while the gate alters a table in use',
    speaksOf: ['src/gate/apply', 'src/engines/postgres/act', 'src/plans'],
    load: () => import('./gate-apply.ts'),
  },
  {
    name: 'verify-load',
    title: 'What verify at a tenth of the load takes from those who write',
    speaksOf: ['src/verify', 'src/rows', 'src/engines/postgres/rows', 'bench/verify-load'],
    load: () => import('./verify-load.ts'),
  },
  {
    name: 'repair',
    title: 'How long a repair takes, and how long writers wait for it',
    speaksOf: ['src/repair', 'src/plans', 'src/integrity', 'bench/repair'],
    load: () => import('./repair.ts'),
  },
  {
    name: 'tests',
    title: 'How long script/test takes',
    speaksOf: [],
    load: () => import('./tests.ts'),
  },
]

/** Of all sources below these paths, without tests: another byte, another digest. */
export function digestOf(root: string, paths: readonly string[]): string {
  const files = paths
    .flatMap((path) =>
      path.endsWith('.ts')
        ? [join(root, path)]
        : readdirSync(join(root, path), { recursive: true, withFileTypes: true })
            .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.test.ts'))
            .map((entry) => join(entry.parentPath, entry.name)),
    )
    .sort()
  const hash = createHash('sha256')
  for (const file of files)
    hash.update(relative(root, file).split(sep).join('/')).update('\0').update(readFileSync(file))
  return hash.digest('hex').slice(0, 16)
}

export interface Circumstances {
  readonly date: string
  readonly commit: string
  readonly digest: string
  readonly machine: string
}

export function sectionOf(part: Part, measured: Measured, { date, commit, digest, machine }: Circumstances): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [
    `<!-- measured:${part.name} sources:${digest} -->`,
    `## ${part.title}`,
    '',
    `\`script/measure ${part.name}\` · ${date} · commit ${commit} · ${machine}`,
    '',
    line(measured.header),
    line(measured.header.map(() => '---')),
    ...measured.rows.map(line),
    '',
    ...measured.notes.flatMap((note) => [note, '']),
    `<!-- /measured:${part.name} -->`,
  ].join('\n')
}

const missing = /^Not measured for this code: (.*)\.$/m

/** Parts that the page says to be without figures for this code: no figure is better than an old one. */
export const unmeasured = (page: string): readonly string[] =>
  (missing.exec(page)?.[1] ?? '').split(', ').map((word) => word.replaceAll('`', ''))

/** Takes out what has changed since it was measured, and says so. */
export function withoutSections(page: string, names: readonly string[]): string {
  let left = page
  for (const name of names) {
    const end = `<!-- /measured:${name} -->`
    const [begin, stop] = [left.indexOf(`<!-- measured:${name} `), left.indexOf(end)]
    if (begin >= 0 && stop >= 0)
      left = left.slice(0, begin).trimEnd() + '\n\n' + left.slice(stop + end.length).trimStart()
  }
  return withMissing(left, names)
}

function withMissing(page: string, names: readonly string[]): string {
  const line = `Not measured for this code: ${names.map((name) => `\`${name}\``).join(', ')}.`
  if (missing.test(page))
    return names.length === 0 ? page.replace(/\nNot measured for this code: .*\n/, '') : page.replace(missing, line)
  return names.length === 0 ? page : `${page.trimEnd()}\n\n${line}\n`
}

/** Puts a section in the place of its former self, or at the end; it is no longer missing. */
export function withSection(page: string, name: string, section: string): string {
  const begin = page.indexOf(`<!-- measured:${name} `)
  const end = `<!-- /measured:${name} -->`
  const stop = page.indexOf(end)
  const next =
    begin < 0 || stop < 0
      ? `${page.trimEnd()}\n\n${section}\n`
      : page.slice(0, begin) + section + page.slice(stop + end.length)
  return missing.test(next)
    ? withMissing(
        next,
        unmeasured(next).filter((each) => each !== name && each !== ''),
      )
    : next
}
