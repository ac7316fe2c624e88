import type { ClusterConfig, ContractConfig } from '../../core/configuration.ts'
import { openSession, readAddress } from '../../engines/postgres/index.ts'
import type { Lab } from '../../lab/lab.ts'
import { Session } from '../../lab/sql.ts'
import { testContract, type TestedContract } from '../test-contract.ts'

/** The one lab of all that is broken here. */
export let lab: Lab
export const useLab = (one: Lab): void => void (lab = one)

const canary = 'select id, md5(password_hash) from users where id in (1, 500, 900)'

/** What is tried once it is broken. */
export interface Broken {
  readonly node?: string
  readonly url?: string
  readonly settings?: string
  /** A standby's primary_conninfo, instead of an application's settings. */
  readonly conf?: string
  readonly contract?: Partial<ContractConfig>
  /** Happens while it is tried. */
  readonly meanwhile?: () => Promise<unknown>
}

/** Breaks something, and says on the stack how it is mended: one lab for all of them. */
export type Break = (mend: AsyncDisposableStack) => Broken | Promise<Broken>

export async function tryIt(
  { node = 'primary', url = lab.url(node, 'app'), settings = '', conf, ...rest }: Broken,
  of = node,
): Promise<TestedContract> {
  const contract: ContractConfig = {
    name: 'login',
    settings: [{ file: conf === undefined ? '/srv/app/.env' : '/srv/db/postgresql.auto.conf', key: null }],
    node,
    readOnly: node === 'standby',
    reads: [],
    canary,
    withinMs: 30_000,
    staleMs: 1_000,
    outcomes: null,
    ...rest.contract,
  }
  const cluster: ClusterConfig = {
    name: 'auth',
    engine: 'postgres',
    nodes: lab.nodes.map(({ name }) => ({ name, url: lab.url(name, 'watch'), act: null, host: null })),
    contracts: [contract],
    fence: 'message',
    invariants: [],
  }
  const test = { cluster, contract, key: Buffer.from('key'), from: 'here', signal: AbortSignal.timeout(60_000) }
  const timeouts = 'DB_CONNECT_TIMEOUT_MS=3000\nDB_QUERY_TIMEOUT_MS=1000\n'
  const text = conf === undefined ? `DATABASE_URL=${url}\n${timeouts}${settings}` : `primary_conninfo = '${conf}'\n`
  const results = testContract(test, () => text)
  await rest.meanwhile?.()
  const result = (await results).find(({ fact }) => fact.node === of)
  if (!result) throw new Error('no result')
  return result
}

/** By SQL on a node, and back. */
export const by =
  (sql: string, back: string, broken: Broken = {}): Break =>
  async (mend) => {
    const node = broken.node ?? 'primary'
    mend.defer(async () => void (await lab.rows(node, back)))
    await lab.rows(node, sql)
    return broken
  }

/** By SQL in another database: nobody gets into that of the contract any more. */
export const fromOutside =
  (sql: string, back: string): Break =>
  async (mend) => {
    const outside = mend.use(await Session.open(lab.url('primary', 'admin').replace('/auth', '/postgres')))
    mend.defer(async () => void (await outside.rows(back)))
    await outside.rows(sql)
    return {}
  }

export const app = (): string => lab.url('primary', 'app')
export const other = (broken: (url: string) => Broken): Break => {
  return () => broken(app())
}

/** A session that holds what it has until all is mended. */
export async function hold(mend: AsyncDisposableStack, url: string, sql = 'select 1'): Promise<void> {
  const limits = { signal: AbortSignal.timeout(30_000), deadlineMs: 5_000 }
  const opened = await openSession(readAddress(url), { applicationName: 'holder', ...limits })
  if (!opened.ok) throw new Error(opened.failure.message)
  mend.defer(async () => opened.session.close())
  const answer = await opened.session.run({ text: sql }, limits)
  if (!answer.ok) throw new Error(answer.failure.message)
}

export const resetPassword = (): string =>
  `set password_encryption = 'scram-sha-256'; alter role app password '${lab.password('app')}'`
