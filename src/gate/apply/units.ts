import { AntemortemError } from '../../core/error.ts'
import type { ChangeStatement } from '../change/read-change.ts'
import type { Named } from '../change/relations.ts'
import { createdTable, namesIn, transactionWord } from '../change/relations.ts'
import { child, text } from '../change/tree.ts'
import type { Step } from '../run/targets.ts'
import { mannerOf } from './manner.ts'

/** What is done or not done as one, on one node. */
export interface Unit {
  readonly node: string
  readonly statements: readonly ChangeStatement[]
  /** Sent as it is, outside of any transaction block: there is one statement then. */
  readonly isAlone: boolean
  /** `set …` of the same file before it, for the session. */
  readonly settings: readonly string[]
}

/**
 * Statements outside a transaction of the file are one each, as they were rehearsed. Definitions that follow each other on one
 * node become one transaction where together they lock at most one table that was there before: none is held while
 * another is waited for.
 */
export function unitsOf(steps: readonly Step[]): readonly Unit[] {
  const units: Unit[] = []
  for (const file of new Set(steps.map(({ statement }) => statement.file))) {
    const ofFile = steps.filter(({ statement }) => statement.file === file)
    const isServerFile = ofFile.every(({ statement: { kind } }) => kind === 'SettingLine' || kind === 'AccessRules')
    units.push(...(isServerFile ? unitsOfServerFile(ofFile) : unitsOfFile(ofFile)))
  }
  return units
}

/** All that one node's file is given is written at once. */
const unitsOfServerFile = (steps: readonly Step[]): readonly Unit[] =>
  [...new Set(steps.flatMap(({ nodes }) => nodes))].map((node) => ({
    node,
    statements: steps.filter(({ nodes }) => nodes.includes(node)).map(({ statement }) => statement),
    isAlone: true,
    settings: [],
  }))

interface Block {
  readonly statements: ChangeStatement[]
  readonly settings: readonly string[]
}

/** The last unit, while others may still come into it. */
interface Joining {
  readonly unit: Unit & Pick<Block, 'statements'>
  readonly tables: Tables
}

function unitsOfFile(steps: readonly Step[]): readonly Unit[] {
  const units: Unit[] = []
  const settings = new Map<string, string[]>()
  const open = new Map<string, Block>()
  let joining: Joining | null = null
  for (const { statement, nodes } of steps)
    for (const node of nodes) {
      const word = transactionWord(statement.tree)
      const block = open.get(node)
      const own = settings.get(node) ?? []
      settings.set(node, own)
      if (word === 'begin' || word === 'start') open.set(node, { statements: [], settings: [...own] })
      if (word === 'commit' && block && block.statements.length > 0) units.push({ node, isAlone: false, ...block })
      if (word === 'commit' || word === 'rollback') open.delete(node)
      if (word === 'prepare') throw cannot(statement, 'a prepared transaction outlives the change')
      const isEnd = word !== null && ['begin', 'start', 'commit', 'rollback'].includes(word)
      if (isEnd) joining = null
      if (isEnd) continue
      if (block) {
        block.statements.push(statement)
        continue
      }
      const { isAlone, isSessionSetting } = mannerOf(statement.tree)
      if (isSessionSetting) own.push(statement.sql)
      if (isTemporary(statement)) throw cannot(statement, 'a temporary table lasts no longer than its transaction here')
      if (isSessionSetting) joining = null
      if (isSessionSetting) continue
      if (joining && joining.unit.node === node && nodes.length === 1 && joins(statement, joining.tables)) {
        joining.unit.statements.push(statement)
        continue
      }
      const unit: Joining['unit'] = { node, statements: [statement], isAlone, settings: [...own] }
      units.push(unit)
      const tables: Tables = { made: [], before: [] }
      joining = nodes.length === 1 && joins(statement, tables) ? { unit, tables } : null
    }
  const [left] = [...open.values()].flatMap(({ statements }) => statements)
  if (left) throw cannot(left, 'the file ends inside this transaction: nothing of it would be kept')
  return units
}

/** Definitions that are over as soon as they have their lock, whatever the size of a table. */
const brief = new Set([
  'CreateStmt',
  'AlterTableStmt',
  'RenameStmt',
  'CreateSeqStmt',
  'AlterSeqStmt',
  'ViewStmt',
  'CreateFunctionStmt',
  'CreateSchemaStmt',
  'CreateEnumStmt',
  'CreateTrigStmt',
  'AlterOwnerStmt',
  'GrantStmt',
  'CommentStmt',
  'CreatePublicationStmt',
  'AlterPublicationStmt',
  'IndexStmt',
])

/** Tables that a unit names: those that it makes itself nobody waits for. */
interface Tables {
  readonly made: Named[]
  readonly before: Named[]
}

/** Whether it may stand in a unit with these; if so, what it names is one of them from now on. */
function joins({ kind, tree }: ChangeStatement, { made, before }: Tables): boolean {
  if (!brief.has(kind) || mannerOf(tree).isAlone) return false
  const created = createdTable(tree)
  const isIn = (all: readonly Named[], one: Named): boolean => all.some((each) => isSame(each, one))
  const named = namesIn(tree).relations.filter((one) => !isIn(created ? [...made, created] : made, one))
  // Over a table with rows it takes as long as they are many.
  if (kind === 'IndexStmt' && named.length > 0) return false
  const fresh = named.filter((one, n) => !isIn(before, one) && !isIn(named.slice(0, n), one))
  if (before.length + fresh.length > 1) return false
  before.push(...fresh)
  if (created) made.push(created)
  return true
}

const isSame = (a: Named, b: Named): boolean => a.name === b.name && (a.schema ?? 'public') === (b.schema ?? 'public')

const isTemporary = ({ tree }: ChangeStatement): boolean => {
  const relation =
    child(child(tree, 'CreateStmt'), 'relation') ?? child(child(child(tree, 'CreateTableAsStmt'), 'into'), 'rel')
  return text(relation, 'relpersistence') === 't'
}

const cannot = ({ file, line }: ChangeStatement, why: string): AntemortemError =>
  new AntemortemError(
    'change-cannot-apply',
    `${file}:${line}: ${why}`,
    'Put what belongs together between begin and commit.',
    { exit: 2 },
  )
