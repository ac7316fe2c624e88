import type { Draft, DraftContract } from './draft.ts'
import { placesOf, type Grants } from './grants.ts'

/** Every text in quotes: a YAML reader must not see a number, a boolean or a comment in it. */
const quoted = (text: string): string => JSON.stringify(text)

/** The file itself, with what a person has to know beside the keys. */
export function configurationText({ cluster, nodes, missing, contracts }: Draft, grants: readonly Grants[]): string {
  return `${[
    '# Written by antemortem init. Every key, with what it is for: docs/configuration.md',
    'clusters:',
    `  ${cluster}:`,
    '    engine: postgres',
    '    nodes:',
    ...nodes.map(({ name, url }) => `      ${name}: { url: ${quoted(url)} }`),
    ...(missing.length > 0
      ? ['      # Seen there, without an address here: set the variable, then take the # away.']
      : []),
    ...missing.map(
      ({ name, url, by, needs }) => `      # ${name}: { url: ${quoted(url)} }   # ${by} tells of it: ${needs}`,
    ),
    ...(contracts.length > 0
      ? ['    contracts:', ...contracts.flatMap(contractLines)]
      : [
          '    # Nobody knows yet how the application connects: name its settings file, and what it must get.',
          '    # contracts:',
          '    #   app:',
          '    #     settings: [".env"]',
          `    #     node: ${nodes[0]?.name ?? 'primary'}`,
          ...canary('    #     '),
        ]),
    ...grants.flatMap((each) => [
      '',
      `# What the reading role needs on ${placesOf(each)}; docs/reading-role.md says what each is for:`,
      ...each.statements.map((statement) => `#   ${statement}`),
    ]),
  ].join('\n')}\n`
}

const contractLines = ({ name, settings, node, readOnly, reads }: DraftContract): readonly string[] => [
  `      ${name}:`,
  `        # ${settings.length === 1 ? 'This file names' : 'These files name'} a database of this cluster. Name every instance's own.`,
  `        settings: [${settings.map(quoted).join(', ')}]`,
  `        node: ${node}`,
  ...(readOnly ? ['        read_only: true'] : []),
  ...(Object.keys(reads).length > 0
    ? [
        `        reads: { ${Object.entries(reads)
          .map(([read, key]) => `${read}: ${quoted(key)}`)
          .join(', ')} }`,
      ]
    : []),
  ...canary('        # '),
]

/** Written as a comment: what a login reads is known to the team alone. */
const canary = (indent: string): readonly string[] => [
  `${indent}A query of what a login reads finds what a connection alone does not:`,
  `${indent}canary: "select id, md5(password_hash) from users where id in (1, 500, 900)"`,
]

/** The same as the document that `--format json` prints: the keys of the file, and what is to be done. */
export function configurationJson(draft: Draft, grants: readonly Grants[], file: string) {
  return {
    clusters: {
      [draft.cluster]: {
        engine: 'postgres',
        nodes: Object.fromEntries(draft.nodes.map(({ name, url }) => [name, { url }])),
        ...(draft.contracts.length > 0 && {
          contracts: Object.fromEntries(
            draft.contracts.map(({ name, settings, node, readOnly, reads }) => [
              name,
              { settings, node, ...(readOnly && { read_only: true }), reads },
            ]),
          ),
        }),
      },
    },
    file,
    set: draft.nodes.flatMap(({ name, variable }) => (variable === null ? [] : [{ node: name, variable }])),
    missing: draft.missing.map(({ name, role, by, variable, needs }) => ({ node: name, role, by, variable, needs })),
    grants,
  }
}
