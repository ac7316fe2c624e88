import { snapshot } from '../../../test/builders.ts'
import type { Cluster } from '../../../test/builders.ts'
import type { ChangeText } from '../change/read-change.ts'
import { readChangeFile } from '../files/read-file.ts'
import type { LoginTry } from '../logins.ts'
import type { Rehearsal, StatementResult } from '../rehearsal.ts'

/** A change that went well on the usual three nodes; a test says what did not. */
export const rehearsal = (more: Partial<Rehearsal> & { was?: Cluster; is?: Cluster } = {}): Rehearsal => {
  const { was, is, ...rest } = more
  return {
    primary: 'primary',
    before: snapshot(was),
    changed: snapshot(is ?? was),
    after: snapshot(is ?? was),
    between: [],
    serving: new Set(),
    starts: [],
    statements: [],
    results: [],
    already: { canaries: [], applies: [] },
    canaries: [],
    applies: [],
    compared: [],
    uncopied: [],
    logins: { before: [], after: [] },
    untested: 0,
    touched: new Set(),
    rows: new Map(),
    extensions: new Map(),
    probes: [],
    prepared: [],
    real: snapshot(was).nodes,
    listening: [],
    notBuilt: [],
    ...rest,
  }
}

/** The statements of a file as they went through on the nodes that its sections name. */
export async function resultsOf(file: ChangeText): Promise<readonly StatementResult[]> {
  const statements = await readChangeFile(file)
  return statements.flatMap((statement) =>
    (statement.on ?? ['primary']).map((node) => ({
      statement,
      node,
      error: null,
      withheld: null,
      locks: [],
      walBytes: 0,
      touched: [],
      tookMs: 1,
    })),
  )
}

/** A contract's login that gets in and may do everything with its table; a test says what it may not. */
export const login = (more: Partial<LoginTry> = {}): LoginTry => ({
  contract: 'login',
  instance: 'app',
  node: 'primary',
  role: 'app',
  database: 'auth',
  mustWrite: true,
  poolMax: 10,
  withinMs: 1000,
  failure: null,
  rights: [
    { role: 'app', schema: 'public', table: 'users', rights: ['select', 'insert', 'update', 'delete'], barred: [] },
  ],
  tables: [{ name: 'users', schema: 'public', oid: 1 }],
  ...more,
})
