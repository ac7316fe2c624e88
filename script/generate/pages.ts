import type { Check } from '../../src/core/check.ts'
import type { Cause } from '../../src/core/diagnosis.ts'
import type { ReviewRule } from '../../src/gate/review/rule.ts'
import type { ContractFailure } from '../../test/contract-failures.ts'

const begin = '<!-- generated:begin -->'
const end = '<!-- generated:end -->'

/** A cell of a Markdown table holds no line break and no bar. */
const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ')
const rows = (pairs: readonly (readonly [string, string])[]): string[] => [
  '| | |',
  '|---|---|',
  ...pairs.map(([name, value]) => `| ${name} | ${cell(value)} |`),
]
const code = (words: readonly string[]): string => words.map((word) => `\`${word}\``).join(', ')

/** The head of a check's page: what the code says of it. */
export function checkHead(check: Check): string {
  const limits = Object.entries(check.limits ?? {})
  return [
    `# ${check.id}`,
    '',
    `> ${check.question}`,
    '',
    ...rows([
      ['severity', check.severity],
      ['on', check.on.join(', ')],
      ...(check.needs.length > 0 ? [['needs, of each node', code(check.needs)] as const] : []),
      ...(check.needsCluster?.length ? [['needs, of the cluster', code(check.needsCluster)] as const] : []),
      ...sees([...(check.wants ?? []), ...(check.wantsCluster ?? [])].filter((key) => !named(check).includes(key))),
      ...waking(check),
      ['would have seen', check.seeds.length > 0 ? `outage ${check.seeds.join(', ')}` : 'none of the five outages'],
    ]),
    ...(limits.length > 0 ? ['', '| limit | default | why |', '|---|---|---|'] : []),
    ...limits.map(([name, limit]) => `| \`${name}\` | ${limit.default} ${limit.unit} | ${cell(limit.why)} |`),
  ].join('\n')
}

const named = ({ needs, needsCluster = [] }: Check): readonly string[] => [...needs, ...needsCluster]

/** What it can do without. */
const sees = (keys: readonly string[]): readonly (readonly [string, string])[] =>
  keys.length > 0 ? [['sees more with', code(keys)]] : []

/** Only critical findings of checks that see harm open an incident; the others hang on one, or wait to be read. */
function waking({ harm, sustainMs }: Check): readonly (readonly [string, string])[] {
  if (harm !== undefined)
    return [
      [
        'wakes somebody',
        (sustainMs ? `when it is critical and has lasted \`${sustainMs}\`` : 'when it is critical, at once') +
          (harm === 'counted' ? '; after one second where its cause is confirmed, two where it is probable' : ''),
      ],
    ]
  return [
    ['wakes somebody', 'never by itself: it opens no incident, and is shown in one that is open'],
    ...(sustainMs ? [['counts as lasting', `after \`${sustainMs}\``] as const] : []),
  ]
}

/** The head of a cause's page. */
export function causeHead(cause: Cause): string {
  return [
    `# ${cause.id}`,
    '',
    `> ${cause.title}`,
    '',
    ...rows([
      ['in a postmortem', `\`${cause.taxonomy}\``],
      ...(cause.follows.length > 0 ? [['can follow from', code(cause.follows)] as const] : []),
    ]),
  ].join('\n')
}

/** The head of a page of a review rule. */
export const reviewHead = ({ id, question, severity, consequence }: ReviewRule): string =>
  [
    `# ${id}`,
    '',
    `> ${question}`,
    '',
    ...rows([
      ['severity', `${severity}; less where only the text is known`],
      ['would become', `[${consequence}](../../../causes/${consequence}.md), unless a finding names another`],
      ['let it pass', `\`-- antemortem-ignore ${id}: REASON until YYYY-MM-DD\``],
    ]),
  ].join('\n')

/** Every failure of a contract that a test makes, for the page of contracts. */
export const failureTable = (failures: readonly ContractFailure[]): string =>
  [
    '| what | layer | code | what to do |',
    '|---|---|---|---|',
    ...failures.map(
      ({ what, layer, code: name, mend }) =>
        `| ${cell(what)} | ${layer} | ${name === null ? 'none' : `\`${name}\``} | ${cell(mend)} |`,
    ),
  ].join('\n')

/** All rules of the review, for its own page. */
export const reviewTable = (rules: readonly ReviewRule[]): string =>
  [
    '| rule | severity | question |',
    '|---|---|---|',
    ...rules.map(({ id, severity, question }) => `| [${id}](review/${id}.md) | ${severity} | ${cell(question)} |`),
  ].join('\n')

/**
 * The page with its generated part renewed. A page without markers gets them at its top, in the place of the heading and
 * question that its author wrote by hand.
 */
export function withGenerated(page: string, generated: string): string {
  const block = `${begin}\n${generated}\n${end}`
  const from = page.indexOf(begin)
  const to = page.indexOf(end, from)
  if (from >= 0 && to >= 0) return page.slice(0, from) + block + page.slice(to + end.length)
  return `${block}\n\n${page.replace(/^\s*(# .*\n+)?(> .*\n+)?/, '')}`
}
