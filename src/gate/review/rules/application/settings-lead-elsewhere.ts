import { subject } from '../../../../core/subject.ts'
import { conninfoWords } from '../../conninfo.ts'
import { defineReviewRule } from '../../rule.ts'

/** `DB_HOST`, `production.host`, `ConnectionStrings:Default.Host`: the same before them is the same connection. */
const part = { host: /[_.](?:host|server)$/i, port: /[_.]port$/i }

/** An application that writes and is sent to a server that does not take writes fails at its first one. */
export default defineReviewRule({
  id: 'application/settings-lead-elsewhere',
  consequence: 'connection/wrong-node',
  severity: 'error',
  question: 'Do the settings of an application that writes lead to the primary?',
  *run({ foreign, topology }) {
    if (topology === null) return
    const ports = new Map(
      foreign.filter(({ key }) => part.port.test(key)).map(({ key, value }) => [key.replace(part.port, ''), value]),
    )
    for (const { kind, key, value, at } of foreign) {
      if (kind !== 'application' || /READ|REPLICA|REPORT/i.test(key)) continue
      const isUrl = /^(?:jdbc:)?postgres(?:ql)?:\/\//.test(value)
      const prefix = part.host.test(key) ? key.replace(part.host, '') : undefined
      if (!isUrl && prefix === undefined) continue
      const { host = value, port = '5432' } = isUrl
        ? conninfoWords(value.replace(/^jdbc:/, ''))
        : { host: value, port: ports.get(prefix ?? '') ?? '5432' }
      const node = topology.nodes.find(
        ({ name, role }) => role === 'standby' && topology.addresses[name] === `${host}:${port}`,
      )
      if (node !== undefined)
        yield {
          object: subject.file(at.file, key),
          nodes: [node.name],
          message: `${key} leads to ${node.name} (${host}:${port}), a standby: every write fails there (25006)`,
          remedy: `Write the address of ${topology.primary}: ${topology.addresses[topology.primary] ?? '?'}.`,
          at,
          basis: 'topology',
        }
    }
  },
})
