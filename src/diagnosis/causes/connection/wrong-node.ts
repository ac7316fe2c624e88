import type { Cause, Evidence } from '../../../core/diagnosis.ts'
import type { ContractFact } from '../../../core/facts/cluster.ts'
import { subject } from '../../../core/subject.ts'
import { contractEffects, findingsOf, outcomeEffects } from '../../effects.ts'
import { contractsOf, factOf } from '../../look.ts'
import { newsOf } from '../../news.ts'
import { refusalsOn } from '../../refusals.ts'
import { mayBeOwnSettings } from '../../settings-keys.ts'

const fits = (code: string): boolean => code === '25006'
/** `pg_is_in_recovery()` asked through the application's own route. A role that is read-only by its settings is another cause's. */
const isStandby = ({ layer, code, message }: ContractFact): boolean =>
  layer === 'role' && code === '25006' && /it is a standby/.test(message ?? '')

/**
 * The application writes, and what answers on its route takes no writes: a standby. Its settings, a name, a balancer or a change
 * of roles leads there.
 */
const cause: Cause = {
  id: 'connection/wrong-node',
  taxonomy: 'route-wrong',
  title: 'the application reaches a node of the wrong role',
  follows: ['connection/settings-changed'],
  *recognise(c) {
    for (const node of c.snapshot.nodes) {
      const { name } = node
      const reached = contractsOf(c).filter((result) => result.node === name && !result.ok && isStandby(result))
      const [first] = reached
      const refusals = refusalsOn(c, name, { isSuch: isStandby, fits })
      if (!first && refusals.harm.length === 0) continue
      const from = first?.from ?? 'application'
      const nodeChanged = newsOf(c, [name], ({ kind }) => kind === 'topology')
      const through: readonly Evidence[] = reached.map(({ instance, message }) => ({
        words: `${instance}, on its own route to ${name}: ${message ?? ''}`,
        node: name,
        source: 'pg_is_in_recovery() through the route',
        values: { instance, in_recovery: true, code: '25006' },
      }))
      const isPrimary = factOf(node, 'server')?.inRecovery === false
      const isOwn = reached.some((result) => mayBeOwnSettings(c, result))
      yield {
        subject: subject.path(from, name),
        direct: isOwn ? [] : through,
        indirect: [
          ...through,
          ...(first || !isPrimary || isReadOnly(node)
            ? []
            : refusals.harm.map((evidence) => ({
                ...evidence,
                words: `${evidence.words}, while ${name} itself takes writes`,
              }))),
        ],
        harm: first ? reached.map(harmOf) : refusals.harm,
        isNew: c.lastGoodMs !== null,
        explains: [
          ...contractEffects(c, name, isStandby),
          ...outcomeEffects(c, name, fits),
          ...besides.flatMap((check) => findingsOf(c, check, name)),
        ],
        objects: nodeChanged.length > 0 ? [name] : [subject.path(from, name)],
        ...(!first && {
          missing: `what answers on the application's route to ${name}: select pg_is_in_recovery(), inet_server_addr();`,
        }),
        remedy: {
          words: isPrimary
            ? `Lead the application's route back to ${name}: its host and port, the name service, the balancer's check; target_session_attrs=read-write would have refused the standby.`
            : `${name} is in recovery: find out which node takes writes now, and lead the application there. Do not promote a second one.`,
          commands: [`on the application's route: select pg_is_in_recovery(), inet_server_addr(), inet_server_port();`],
        },
      }
    }
  },
}
export default cause

const besides = ['connections/dns-and-target', 'availability/no-writable-primary']

const isReadOnly = (node: Parameters<typeof factOf>[0]): boolean =>
  factOf(node, 'settings')?.['default_transaction_read_only'] === 'on' ||
  (factOf(node, 'roleSettings') ?? []).some(
    ({ name, value }) => name === 'default_transaction_read_only' && value === 'on',
  )

const harmOf = ({ instance, node, message, failures }: ContractFact): Evidence => ({
  words: `${instance} cannot write on its route to ${node}: ${message ?? ''}`,
  node,
  source: 'contract',
  values: { instance, code: '25006', failures },
})
