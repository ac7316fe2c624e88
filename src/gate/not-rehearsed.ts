import { differentSettings } from './copy/settings.ts'
import type { Rehearsal } from './rehearsal.ts'

/** What the copy could not have, could not run, or could not fill, in words. Pure. */
export const notRehearsedIn = (rehearsal: Rehearsal): readonly string[] => [
  ...rehearsal.notBuilt,
  ...withheld(rehearsal),
  ...settingsThatDiffer(rehearsal),
  ...unfilled(rehearsal),
  ...failingLogins(rehearsal),
]

const withheld = ({ results }: Rehearsal): readonly string[] =>
  results.flatMap(({ statement, node, withheld: why }) =>
    why === null ? [] : [`${statement.file}:${statement.line} on ${node}: ${why}`],
  )

const settingsThatDiffer = ({ before, real }: Rehearsal): readonly string[] =>
  before.nodes.flatMap((copy) => {
    const node = real.find(({ name }) => name === copy.name)
    const words = node ? differentSettings(node, copy) : null
    return words === null ? [] : [words]
  })

/** Before the change already: what becomes of them says nothing. */
const failingLogins = ({ logins }: Rehearsal): readonly string[] =>
  logins.before.flatMap(({ contract, instance, node, role, failure }) =>
    failure === null
      ? []
      : [
          `contract ${contract} (${instance}): ${role} does not get through to the copy of ${node} before the change: ${failure.message}`,
        ],
  )

/** Tables for whose rows no value was found. */
const unfilled = ({ canaries, untested }: Rehearsal): readonly string[] => {
  const refused = canaries.filter(({ step, outcome }) => step === 'insert' && outcome === 'refused')
  const byTable = new Map(refused.map(({ schema, table, detail }) => [`${schema}.${table}`, detail]))
  return [
    ...[...byTable].map(([table, detail]) => `rows of ${table}: it took no test row: ${detail ?? ''}`),
    ...(untested === 0 ? [] : [`rows of ${untested} further published tables that the change does not touch`]),
  ]
}
