import type { Case, Cause, Evidence, Match } from '../../../core/diagnosis.ts'
import type { ContractFact } from '../../../core/facts/cluster.ts'
import type { NodeView } from '../../../core/snapshot.ts'
import { subject } from '../../../core/subject.ts'
import { contractEffects, findingsOf, outcomeEffects } from '../../effects.ts'
import { contractsOf, factOf } from '../../look.ts'
import { newsOf } from '../../news.ts'
import { refusalsOn } from '../../refusals.ts'

/**
 * The role or the database that the application names is not what it was: gone, without LOGIN, past its end, closed. A password
 * that was changed on the server shows in no view: then it is what is left, probable at most.
 */
const cause: Cause = {
  id: 'connection/credentials',
  taxonomy: 'credentials-expired',
  title: 'the role or database of the application refuses its login',
  follows: ['connection/settings-changed'],
  *recognise(c) {
    for (const node of c.snapshot.nodes) {
      const results = contractsOf(c).filter((result) => result.node === node.name)
      for (const role of unique(results.flatMap(({ role }) => (role === null ? [] : [role]))))
        yield* roleMatch(c, node, role)
      for (const database of unique(results.flatMap((result) => databaseOf(result, node))))
        yield* databaseMatch(c, node, database)
    }
  },
}
export default cause

const unique = (names: readonly string[]): readonly string[] => [...new Set(names)].sort()

const isRefused = ({ layer }: ContractFact): boolean => layer === 'auth'
const fits = (code: string): boolean => code === '28P01' || code === '28000'

function* roleMatch(c: Case, node: NodeView, role: string): Iterable<Match> {
  const { name } = node
  const objects = [subject.role(name, role), ...(node.upstream === null ? [] : [subject.role(node.upstream, role)])]
  const news = newsOf(c, objects, () => true)
  const isSuch = (result: ContractFact): boolean => isRefused(result) && result.role === role
  const refusals = refusalsOn(c, name, { isSuch, fits, news })
  const wrong = wrongRole(c, node, role)
  if (refusals.results.length === 0 && wrong.length === 0) return
  // An end that has come since all was good is news by itself.
  const hasEnded = wrong.some(({ values }) => values['ended_after_good'] === true)
  yield matchOf(c, {
    name,
    what: subject.role(name, role),
    objects,
    wrong: refusals.mayBeOwn ? [] : wrong,
    shown: [...wrong, ...refusals.harm],
    harm: refusals.results.length > 0 || wrong.length > 0 ? refusals.harm : [],
    isNew: c.lastGoodMs !== null && (news.length > 0 || hasEnded),
    isSuch,
    fits,
    missing: `the password of ${role} on ${name} cannot be read: did somebody change it (the log's DETAIL, the change of that hour)?`,
    remedy: {
      words: `Give ${role} back what it had on the primary, or give the application the new password; the password itself is asked of its owner.`,
      commands: [
        `on ${name}: select rolname, rolcanlogin, rolvaliduntil from pg_roles where rolname = '${role}';`,
        `on the primary: alter role ${role} login valid until 'infinity';`,
      ],
    },
  })
}

/** What the role's own row says against a login. */
function wrongRole(c: Case, node: NodeView, name: string): readonly Evidence[] {
  const roles = factOf(node, 'roles')
  if (!roles) return []
  const role = roles.find((each) => each.name === name)
  const say = (words: string, values: Evidence['values']): readonly Evidence[] => [
    { words: `role ${name} on ${node.name} ${words}`, node: node.name, source: 'pg_roles', values },
  ]
  if (!role) return say('is not there', { rolname: null })
  if (!role.canLogin) return say('may not log in', { rolcanlogin: false })
  if (role.validUntilMs !== null && role.validUntilMs <= c.atMs)
    return say(`was valid until ${new Date(role.validUntilMs).toISOString()}`, {
      rolvaliduntil: new Date(role.validUntilMs).toISOString(),
      ended_after_good: c.lastGoodMs !== null && role.validUntilMs > c.lastGoodMs,
    })
  return []
}

/** The database that a refused login names, else the one that the watcher itself reads there. */
function databaseOf({ ok, layer, message }: ContractFact, node: NodeView): readonly string[] {
  const named = /database "([^"]+)"/.exec(message ?? '')?.[1]
  const own = factOf(node, 'server')?.database
  if (ok || layer !== 'database') return []
  return named !== undefined ? [named] : own === undefined ? [] : [own]
}

const isClosed = ({ layer, code }: ContractFact): boolean => layer === 'database' && code !== '57P03'
const fitsDatabase = (code: string): boolean => /^(?:3D000|42501|55000)$/.test(code)

function* databaseMatch(c: Case, node: NodeView, database: string): Iterable<Match> {
  const { name } = node
  const objects = [
    subject.database(name, database),
    ...(node.upstream === null ? [] : [subject.database(node.upstream, database)]),
  ]
  const news = newsOf(c, objects, () => true)
  const refusals = refusalsOn(c, name, { isSuch: isClosed, fits: fitsDatabase, news })
  const known = factOf(node, 'databases')
  const row = known?.find((each) => each.name === database)
  const wrong: readonly Evidence[] =
    !known || row?.allowsConnections === true
      ? []
      : [
          {
            words: `database ${database} on ${name} ${row ? 'allows no connections' : 'is not there'}`,
            node: name,
            source: 'pg_database',
            values: { datname: row ? database : null, datallowconn: row?.allowsConnections ?? null },
          },
        ]
  if (refusals.results.length === 0) return
  yield matchOf(c, {
    name,
    what: subject.database(name, database),
    objects,
    wrong: refusals.mayBeOwn ? [] : wrong,
    shown: [...wrong, ...refusals.harm],
    harm: refusals.harm,
    isNew: c.lastGoodMs !== null && news.length > 0,
    isSuch: isClosed,
    fits: fitsDatabase,
    missing: `who took the right to connect to ${database} on ${name}: its datacl, or the change of that hour`,
    remedy: {
      words: `Let the application into ${database} again; where the database is gone, do not create it anew before its rows are found.`,
      commands: [
        `on ${name}: select datname, datallowconn, datacl from pg_database;`,
        ...(row ? [`on the primary: alter database ${database} allow_connections true;`] : []),
      ],
    },
  })
}

interface Parts {
  readonly name: string
  readonly what: string
  readonly objects: readonly string[]
  readonly wrong: readonly Evidence[]
  readonly shown: readonly Evidence[]
  readonly harm: readonly Evidence[]
  readonly isNew: boolean
  readonly isSuch: (result: ContractFact) => boolean
  readonly fits: (code: string) => boolean
  readonly missing: string
  readonly remedy: Match['remedy']
}

const matchOf = (c: Case, { name, what, wrong, shown, fits, isSuch, missing, ...same }: Parts): Match => ({
  subject: what,
  direct: wrong,
  indirect: shown,
  harm: same.harm,
  isNew: same.isNew,
  explains:
    same.harm.length === 0
      ? []
      : [
          ...contractEffects(c, name, isSuch),
          ...outcomeEffects(c, name, fits),
          ...['connections/auth', 'security/password-expiry'].flatMap((check) => findingsOf(c, check, name)),
        ],
  objects: same.objects,
  ...(wrong.length === 0 && { missing }),
  remedy: same.remedy,
})
