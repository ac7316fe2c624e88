import { subject } from '../../../core/subject.ts'
import { namesIn } from '../../change/relations.ts'
import { child, list, text } from '../../change/tree.ts'
import { settingsOn } from '../../files/settings-of.ts'
import type { StatementResult } from '../../rehearsal.ts'
import type { GateFindingDraft } from '../../rule.ts'
import { defineRule } from '../../rule.ts'

interface Harm {
  readonly consequence: string
  readonly when: (value: string) => boolean
  readonly words: string
  readonly remedy: string
}

const off = (value: string): boolean => /^(?:off|false|no|0)$/i.test(value)
const on = (value: string): boolean => /^(?:on|true|yes|1)$/i.test(value)
const number = (value: string): number => Number(/^-?\d+/.exec(value)?.[0] ?? Number.NaN)

const durability = (when: Harm['when'], words: string): Harm => ({
  consequence: 'integrity/table-corruption',
  when,
  words,
  remedy: 'Take it out of the change: nothing shows it before the next crash, and then it is too late.',
})

/** What no rehearsal can feel: it hurts after a crash, after days, or under load. By the setting's own name. */
const harms: Readonly<Record<string, Harm>> = {
  fsync: durability(off, 'a crash of the machine may leave files that nobody can read'),
  full_page_writes: durability(off, 'a crash of the machine may leave half-written pages'),
  ignore_checksum_failure: durability(on, 'damaged pages are read as if they were well'),
  zero_damaged_pages: durability(on, 'damaged pages are emptied in silence'),
  autovacuum: {
    consequence: 'capacity/wraparound',
    when: off,
    words: 'tables grow, and transaction ids run out',
    remedy: 'Leave it on; slow it down for one table where it must be.',
  },
  archive_command: {
    consequence: 'capacity/disk-full',
    when: (value) => /^(?:\/(?:usr\/)?bin\/)?false$/.test(value.trim()),
    words: 'no WAL is archived, all of it is kept, and the disk fills',
    remedy: 'Give it a command that works; to archive nothing, archive_mode = off.',
  },
  max_slot_wal_keep_size: {
    consequence: 'replication/slot-lost',
    when: (value) => number(value) >= 0,
    words: 'a slot that falls further behind is lost, and its standby or subscriber has to be made anew',
    remedy: 'Leave room for the longest outage of a standby or subscriber; -1 is no limit.',
  },
  recovery_min_apply_delay: {
    consequence: 'replication/delayed-apply',
    when: (value) => number(value) > 0,
    words: 'readers there see old rows, and every view says that it streams',
    remedy: 'Leave it at 0 on a standby that serves reads or is to take over.',
  },
  max_standby_streaming_delay: {
    consequence: 'replication/replay-conflict',
    when: (value) => number(value) === 0,
    words: 'sessions there are ended as soon as replay needs what they read',
    remedy: 'Leave its readers a few seconds.',
  },
}

/** Settings that are well at their first start, and bite later. */
export default defineRule({
  id: 'server/setting-harms',
  consequence: 'integrity/table-corruption',
  severity: 'error',
  question: 'Does every setting of the change leave rows, WAL and readers safe?',
  *run({ results }) {
    for (const node of new Set(results.map((result) => result.node)))
      for (const [name, value] of settingsOn(node, results)) {
        const harm = harms[name]
        if (harm && value !== null && harm.when(value)) yield draftOf(node, name, value, harm)
      }
    yield* unvacuumed(results)
  },
})

const draftOf = (
  node: string,
  name: string,
  value: string,
  { consequence, words, remedy }: Harm,
): GateFindingDraft => ({
  object: subject.setting(node, name),
  nodes: [node],
  consequence,
  message: `${name} = ${value} on ${node}: ${words}`,
  remedy,
  about: [],
})

/** `alter table … set (autovacuum_enabled = false)`. */
function* unvacuumed(results: readonly StatementResult[]): Iterable<GateFindingDraft> {
  for (const { statement, node, error } of results) {
    const alter = child(statement.tree, 'AlterTableStmt')
    const options = list(alter, 'cmds').flatMap((command) =>
      list(child(child(child(command, 'AlterTableCmd'), 'def'), 'List'), 'items'),
    )
    const isOff = options.some((option) => {
      const element = child(option, 'DefElem')
      return (
        text(element, 'defname') === 'autovacuum_enabled' &&
        off(text(child(child(element, 'arg'), 'String'), 'sval') ?? '')
      )
    })
    const [relation] = alter && isOff && error === null ? namesIn(statement.tree).relations : []
    if (!relation) continue
    const schema = relation.schema ?? 'public'
    yield {
      object: subject.table(node, schema, relation.name),
      nodes: [node],
      severity: 'warning',
      consequence: 'capacity/wraparound',
      message: `${schema}.${relation.name} on ${node} is no longer vacuumed: it grows, and holds up transaction ids`,
      remedy: 'Leave it on; give the table limits of its own where it is vacuumed too often.',
      about: [`${schema}.${relation.name}`],
      statement,
    }
  }
}
