import type { Case, Cause, Evidence, Match } from '../../../core/diagnosis.ts'
import type { FunctionFact } from '../../../core/facts/postgres/objects.ts'
import type { NodeView } from '../../../core/snapshot.ts'
import { subject } from '../../../core/subject.ts'
import { damageMatch, damagesOn, type Damage } from '../../damage.ts'
import { rowEffects } from '../../effects.ts'
import { evidenceOf } from '../../evidence.ts'
import { codesOn, contractHarm, isAboutRows, outcomeHarm } from '../../harm.ts'
import { mayComeFromRows } from '../../codes.ts'
import { instanceHarm } from '../../instances.ts'
import { withCode } from '../../log-errors.ts'
import { factOf } from '../../look.ts'
import { newsOf } from '../../news.ts'

const codes = ['XX001', 'XX002']

/** An index is damaged, or does not hold what its table does: rows are there and are not found. */
const cause: Cause = {
  id: 'integrity/index-corruption',
  taxonomy: 'table-corruption',
  title: 'an index is damaged, or does not fit its table',
  follows: [],
  *recognise(c) {
    for (const node of c.snapshot.nodes) {
      const damages = damagesOn(c, node.name, withCode(...codes))
      const own = damages.filter(
        ({ relation, entries }) => relation?.kind === 'index' || entries.some(({ code }) => code === 'XX002'),
      )
      for (const damage of own) yield damaged(c, node, damage, damages.length === 1)
      if (factOf(node, 'server')?.inRecovery === false) yield* replaced(c, node, own)
    }
  },
}
export default cause

const rebuild = (node: string, index: string): Match['remedy'] => ({
  words: `Build the index ${index} again. Before that, look for rows that it should have refused as double.`,
  commands: [
    `on ${node}: create extension if not exists amcheck; select bt_index_check('${index}', true);`,
    `on ${node}: reindex index concurrently ${index}; or: antemortem integrity --repair plan`,
  ],
})

function damaged(c: Case, { name }: NodeView, damage: Damage, isOnly: boolean): Match {
  const told = damageMatch(c, { node: name, damage, codes, isOnly })
  const { relation } = damage
  return {
    ...told,
    indirect: [],
    remedy: rebuild(name, relation?.index ? `${relation.schema}.${relation.index}` : 'that the log names'),
  }
}

/**
 * A function that an index calls says something else than when the entries were made: new lookups miss old entries. Whether
 * there are such rows only a look at the index tells, so that it is never more than probable.
 */
function* replaced(c: Case, node: NodeView, own: readonly Damage[]): Iterable<Match> {
  for (const fn of factOf(node, 'functions') ?? []) {
    const object = subject.function(node.name, fn.schema, fn.name)
    const news = newsOf(c, [object], ({ before, after }) => before !== null && after !== null)
    if (news.length === 0) continue
    for (const index of fn.indexes)
      if (!own.some(({ relation }) => relation && `${relation.schema}.${relation.index ?? ''}` === index))
        yield matchOf(c, node, fn, index, object)
  }
}

function matchOf(c: Case, node: NodeView, fn: FunctionFact, index: string, object: string): Match {
  const [schema, name] = [index.slice(0, index.indexOf('.')), index.slice(index.indexOf('.') + 1)]
  const read = evidenceOf(
    node.name,
    'pg_proc, pg_depend',
    `${fn.schema}.${fn.name}(${fn.arguments}), which the index ${index} calls, has been replaced: its entries are what the function said before`,
    { function: `${fn.schema}.${fn.name}`, index, provolatile: fn.volatility },
  )
  return {
    subject: subject.index(node.name, schema, name),
    direct: [],
    indirect: [read],
    harm: lookupHarm(c, node),
    isNew: true,
    explains: [node, ...copiesOf(c, node)].flatMap((each) => rowEffects(c, each.name)),
    objects: [object],
    missing: `on ${node.name}: select bt_index_check('${index}', true); (amcheck: are all rows of the table in the index?)`,
    remedy: rebuild(node.name, index),
  }
}

const copiesOf = (c: Case, node: NodeView): readonly NodeView[] =>
  c.snapshot.nodes.filter(({ role, upstream }) => role === 'standby' && upstream === node.name)

/**
 * Standbys have the same index and miss the same rows: nobody to compare with, and what fails on them counts, where it fails on
 * their primary at all. A subscriber has an index of its own.
 */
function lookupHarm(c: Case, node: NodeView): readonly Evidence[] {
  const alone = outcomeHarm(c, node.name, mayComeFromRows)
  if (alone.length > 0) return [...alone, ...contractHarm(c, node.name, isAboutRows)]
  const outcomes = c.snapshot.facts.outcomes
  const failsHere = outcomes.seen && codesOn(outcomes.value, node.name, c.atMs).some(({ key }) => mayComeFromRows(key))
  const shared = (failsHere ? [node, ...copiesOf(c, node)] : [node]).flatMap(({ name }) =>
    instanceHarm(c, name, { instances: null }, mayComeFromRows),
  )
  return [...shared, ...contractHarm(c, node.name, isAboutRows)]
}
