import { AntemortemError } from '../../../core/error.ts'
import type { ReadsOnly } from '../../files/contract-files.ts'
import { kindOfFile, type FileKind } from '../../files/kind-of-file.ts'
import { readChange, type ChangeStatement } from '../../change/read-change.ts'
import type { AccessFile, ForeignFile, NotRead, Placed, ReviewInput, SettingChange, Unreadable } from '../input.ts'
import { nodesFor, type NodeWords } from '../targets.ts'
import { readAccessFile } from './access-file.ts'
import { readBlock } from './block.ts'
import { derive, isDump } from './dump.ts'
import { accessPieces, unknownIncludes } from './includes.ts'
import { settingIn } from './alter-setting.ts'
import { pathSetBy, underPath } from './search-path.ts'
import { readForeignFile } from './foreign-file.ts'
import { readSettingsFile } from './settings-file.ts'

export interface ReviewFile {
  readonly name: string
  readonly text: string
  /** As it was before the change (`--since`); null: the whole file is new. */
  readonly before: string | null
  /** `contract`: an application's settings, whatever the name; `settings`: nobody has named it, and what cannot be read is only said. */
  readonly taken?: 'change' | 'contract' | 'settings'
  /** Of a file that a contract names: what of it needs no server that takes writes. */
  readonly readsOnly?: ReadsOnly
}

/** A file that a contract names is what the contract says it is. */
export function kindOf({ name, taken }: ReviewFile): FileKind {
  const kind = kindOfFile(name)
  return taken === 'contract' && (kind === 'sql' || kind === 'other') ? 'application' : kind
}

export type ReadFiles = Omit<ReviewInput, 'topology' | 'probes' | 'today'>

/** Reads every file by what its name says it is, in the order in which they were given. */
export async function readFiles(files: readonly ReviewFile[], cluster: NodeWords): Promise<ReadFiles> {
  const statements: Placed[] = []
  const settings: SettingChange[] = []
  const accessFiles: AccessFile[] = []
  const unreadable: Unreadable[] = []
  const foreign: ForeignFile[] = []
  const notRead: NotRead[] = []
  const included = accessPieces(files)
  for (const file of files) {
    const { name, text, before } = file
    const kind = included.has(name) ? 'included' : kindOf(file)
    switch (kind) {
      case 'included':
        break
      case 'sql':
      case 'other': {
        const read = await readStatements(file, cluster, statements.length)
        for (const statement of read.statements) statements.push(statement)
        notRead.push(...read.notRead)
        refuseTooMany(name, statements.length)
        break
      }
      case 'settings': {
        const read = readSettingsFile(name, text, cluster, before)
        settings.push(...read.settings)
        unreadable.push(...read.unreadable)
        notRead.push(...unknownIncludes(name, read.includes, files))
        break
      }
      case 'access-rules': {
        const read = readAccessFile(name, text, cluster, files)
        accessFiles.push(read.file)
        unreadable.push(...read.unreadable)
        notRead.push(...read.notRead)
        break
      }
      case 'application':
      case 'pooler': {
        const read = readForeignFile(kind, file)
        if ('words' in read) notRead.push(read)
        else foreign.push(read)
      }
    }
  }
  settings.push(...statements.filter(({ isNew }) => isNew).flatMap(settingIn))
  return { statements, settings, accessFiles, unreadable, foreign, notRead }
}

/** Rows that somebody unloaded as statements: nobody would read the findings. */
const mostStatements = 100_000

function refuseTooMany(file: string, count: number): void {
  if (count > mostStatements)
    throw new AntemortemError(
      'change-too-large',
      `${file}: more statements than any change has (${mostStatements.toLocaleString('en-US')})`,
      'Load rows in a step of their own, and name the rest.',
      { exit: 2 },
    )
}

interface StatementsRead {
  readonly statements: readonly Placed[]
  readonly notRead: readonly NotRead[]
}

async function readStatements(
  { name, text, before }: ReviewFile,
  cluster: NodeWords,
  from: number,
): Promise<StatementsRead> {
  const old = before === null ? [] : await oldStatements(name, before)
  const read = await readChange({ name, text })
  const dump = before !== null && isDump(name, text) ? derive(old, read) : null
  const left = new Map<string, number>()
  for (const { sql } of old) left.set(sql, (left.get(sql) ?? 0) + 1)
  let path = ''
  const statements: Placed[] = []
  const notRead: NotRead[] = []
  for (const statement of read) {
    path = pathSetBy(statement.tree) ?? path
    const count = left.get(statement.sql) ?? 0
    left.set(statement.sql, count - 1)
    const section = statement.on === null ? null : { words: statement.on, line: statement.onLine ?? statement.line }
    const isNew = count <= 0
    // Of a dump only what differs: its other statements are run by nobody.
    if (dump !== null && (!isNew || dump.covered.has(statement))) continue
    const placed = (one: ChangeStatement, inBlock: boolean): Placed => ({
      ...one,
      tree: underPath(one.tree, path),
      n: from + statements.length,
      nodes: nodesFor(section, name, cluster),
      isNew,
      inBlock,
      ...(dump === null ? {} : { isDump: true }),
    })
    statements.push(placed(statement, false))
    if (statement.kind === 'CallStmt' && isNew)
      notRead.push({ file: name, line: statement.line, words: 'what the procedure does' })
    if (statement.kind !== 'DoStmt') continue
    const block = await readBlock(statement)
    for (const one of block.statements) statements.push(placed(one, true))
    if (isNew) notRead.push(...block.notRead)
  }
  const nodes = nodesFor(null, name, cluster)
  for (const { sql, line } of dump?.statements ?? [])
    for (const one of await readChange({ name, text: sql }))
      statements.push({ ...one, line, n: from + statements.length, nodes, isNew: true, inBlock: false, isDump: true })
  if (dump !== null && statements.length > 0)
    notRead.push({
      file: name,
      line: statements[0]?.line ?? 1,
      words: 'how the migrations make what differs in this dump (what they lock, and for how long)',
    })
  return { statements, notRead }
}

/** What could not be read before is new now that it can. */
async function oldStatements(name: string, text: string): Promise<readonly ChangeStatement[]> {
  try {
    return await readChange({ name, text })
  } catch (error) {
    if (error instanceof AntemortemError) return []
    throw error
  }
}
