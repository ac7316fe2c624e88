/** The levels of docs/architecture.md as data. A folder imports lower levels only, and of these only what stands in its row. */
export interface Layer {
  readonly folder: string
  readonly level: number
  readonly what: string
  readonly mayImport: readonly string[]
  /** Packages that it may import; node: built-ins need `shell`. */
  readonly packages: readonly string[]
  /** false: pure, no `node:` built-in. */
  readonly shell: boolean
}

const below = (level: number): string[] => layers.filter((layer) => layer.level < level).map((layer) => layer.folder)

const row = (
  level: number,
  folder: string,
  what: string,
  mayImport: readonly string[],
  options: { packages?: readonly string[]; shell?: boolean } = {},
): Layer => ({ level, folder, what, mayImport, packages: options.packages ?? [], shell: options.shell ?? false })

export const layers: Layer[] = []
layers.push(
  row(0, 'core', 'the words: facts, result types, LSN, subjects, observations, plans', []),
  row(1, 'shapes', "zod schemas of the CLI's JSON, each held to its core type by the compiler", ['core'], {
    packages: ['zod'],
  }),
  row(1, 'checks', 'what is wrong: one pure function a file', ['core']),
  row(1, 'changes', 'fingerprints to changes, one file a kind', ['core']),
  row(1, 'postmortem', 'reads postmortems', ['core'], { packages: ['yaml'] }),
  row(1, 'incidents', 'the state machine of an incident, as a fold', ['core']),
  row(1, 'findings', 'runs checks over a snapshot; opens and closes findings', ['core']),
  row(1, 'engines', 'the only code that speaks to a database', ['core'], { packages: ['pg', 'zod'], shell: true }),
  row(1, 'hosts', "a server's host: its log, files, processes and disks; local or through ssh", ['core'], {
    packages: ['zod'],
    shell: true,
  }),
  row(1, 'store', 'event log, leases, journal, proofs', ['core'], { packages: ['kysely'], shell: true }),
  row(2, 'diagnosis', 'causes, suspects, ranking, bundle', ['core']),
  row(2, 'guards', 'past outages against their guards and proofs: coverage', ['core', 'postmortem']),
  row(2, 'config', 'reads antemortem.yaml', ['core'], { packages: ['yaml', 'zod'] }),
  row(2, 'report', 'table, colour and columns for a terminal', ['core'], { shell: true }),
  row(3, 'plans', 'the only loop that acts: lease, journal, doers, undo', ['core', 'store']),
  row(3, 'fleet', 'nodes, rounds, snapshot, hosts, outcomes file, topology', ['core', 'engines', 'hosts', 'changes'], {
    shell: true,
  }),
  row(3, 'lab', 'throw-away topologies of real servers; the login application', ['core', 'engines'], {
    packages: ['pg'],
    shell: true,
  }),
  row(
    4,
    'contracts',
    "the application's settings, and probes as it connects",
    ['core', 'changes', 'engines', 'fleet'],
    { packages: ['yaml'], shell: true },
  ),
  row(4, 'rows', 'fence, canary, chunks, comparison of tables between two nodes', ['core', 'engines', 'store'], {
    shell: true,
  }),
  row(
    5,
    'watch',
    'the loop: round, findings, incidents, diagnosis; acts on nothing',
    ['core', 'checks', 'findings', 'changes', 'diagnosis', 'incidents', 'fleet', 'contracts', 'rows', 'store'],
    { shell: true },
  ),
  row(
    5,
    'gate',
    'rehearses a change on a copy of the topology, applies it; wraps an updater',
    [
      'core',
      'engines',
      'fleet',
      'lab',
      'rows',
      'report',
      'checks',
      'findings',
      'changes',
      'store',
      'contracts',
      'plans',
    ],
    { packages: ['libpg-query', 'zod'], shell: true },
  ),
  row(
    5,
    'verify',
    'rows of all nodes of a cluster, table by table',
    ['core', 'engines', 'fleet', 'rows', 'store', 'report'],
    {
      shell: true,
    },
  ),
  row(
    5,
    'integrity',
    'physical damage, and which node still has what was lost',
    ['core', 'engines', 'fleet', 'hosts', 'rows', 'store', 'report'],
    { shell: true },
  ),
  row(5, 'repair', 'remedies as plans, and the doers of their steps', ['core', 'engines', 'rows', 'plans', 'store'], {
    shell: true,
  }),
)
layers.push(row(6, 'drills', 'outages as data, and what re-enacts them', below(6), { shell: true }))
layers.push(row(7, 'proofs', 'dates what a drill has shown', below(7), { shell: true }))
layers.push(
  row(10, 'cli', 'one file a command; the composition root', below(10), {
    packages: ['commander', 'yaml', 'zod'],
    shell: true,
  }),
)
