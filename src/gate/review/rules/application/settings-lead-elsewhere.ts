import { subject } from '../../../../core/subject.ts'
import { conninfoWords } from '../../conninfo.ts'
import type { ForeignSetting, Place, Topology } from '../../input.ts'
import { defineReviewRule } from '../../rule.ts'

/** `DB_HOST`, `production.host`, `ConnectionStrings:Default.Host`: the same before them is the same connection. */
const part = { host: /[_.](?:host|server)$/i, port: /[_.]port$/i }
/** Connections that only read; and of a database.yml, what production does not take. */
const isOther = (key: string): boolean => /READ|REPLICA|REPORT/i.test(key) || /^(?:development|test)\./.test(key)

/** An application that writes and is sent to a server that does not take writes fails at its first one. */
export default defineReviewRule({
  id: 'application/settings-lead-elsewhere',
  consequence: 'connection/wrong-node',
  severity: 'error',
  question: 'Do the settings of an application that writes lead to the primary?',
  *run({ foreign, topology }) {
    if (topology === null) return
    for (const { kind, settings, before, readsOnly } of foreign) {
      if (kind !== 'application' || readsOnly.isWhole) continue
      const known = new Set(toStandbys(before, topology).map(({ key, address }) => `${key} ${address}`))
      for (const { key, at, node, address } of toStandbys(settings, topology))
        if (!known.has(`${key} ${address}`) && !readsOnly.keys.includes(key.replace(part.host, '')))
          yield {
            object: subject.file(at.file, key),
            nodes: [node],
            message: `${key} leads to ${node} (${address}), a standby: every write fails there (25006)`,
            remedy: `Write the address of ${topology.primary}: ${topology.addresses[topology.primary] ?? '?'}.`,
            at,
            basis: 'topology',
          }
    }
  },
})

interface ToStandby {
  readonly key: string
  readonly at: Place
  readonly node: string
  /** `host:port` */
  readonly address: string
}

/** The connections of one file that lead to a standby. */
function toStandbys(settings: readonly ForeignSetting[], { nodes, addresses }: Topology): readonly ToStandby[] {
  const ports = new Map(
    settings.filter(({ key }) => part.port.test(key)).map(({ key, value }) => [key.replace(part.port, ''), value]),
  )
  return settings.flatMap(({ key, value, at }): readonly ToStandby[] => {
    const isUrl = /^(?:jdbc:)?postgres(?:ql)?:\/\//.test(value)
    if (isOther(key) || !(isUrl || part.host.test(key))) return []
    const { host = value, port = '5432' } = isUrl
      ? conninfoWords(value.replace(/^jdbc:/, ''))
      : { host: value, port: ports.get(key.replace(part.host, '')) ?? '5432' }
    const address = `${host}:${port}`
    const node = nodes.find(({ name, role }) => role === 'standby' && addresses[name] === address)
    return node === undefined ? [] : [{ key, at, node: node.name, address }]
  })
}
