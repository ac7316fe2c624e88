import { subject } from '../../../core/subject.ts'
import { settingsOn } from '../../files/settings-of.ts'
import { defineRule } from '../../rule.ts'

/** At its next start the server listens elsewhere: applications, standbys and subscribers all ask at the old place. */
export default defineRule({
  id: 'server/address-moves',
  consequence: 'server/port-changed',
  severity: 'critical',
  question: 'Does every server listen where its nodes and applications look for it?',
  *run({ results, listening }) {
    for (const { name: node, host, port } of listening) {
      const settings = settingsOn(node, results)
      const newPort = settings.get('port')
      if (newPort != null && Number(newPort) !== port)
        yield {
          object: subject.setting(node, 'port'),
          nodes: [node],
          message: `after its next start ${node} listens on port ${newPort}: whoever uses ${host}:${port} finds nobody there`,
          remedy:
            'Take it out of the change, or give every application, standby and subscriber the new port in the same step.',
          about: [],
        }
      const addresses = settings.get('listen_addresses')
      if (addresses != null && !hears(addresses, host))
        yield {
          object: subject.setting(node, 'listen_addresses'),
          nodes: [node],
          message: `after its next start ${node} listens on ${addresses === '' ? 'no address' : addresses}, and is asked at ${host}`,
          remedy: `Keep ${host} in listen_addresses, or '*' with access rules that say who may come.`,
          about: [],
        }
    }
  },
})

const loopback = new Set(['localhost', '127.0.0.1', '::1'])

/** A name that is no address may lead to any of them: only what is certain is said. */
function hears(addresses: string, host: string): boolean {
  const list = addresses.split(',').map((word) => word.trim())
  if (list.some((word) => word === '*' || word === '0.0.0.0' || word === '::' || word === host)) return true
  if (loopback.has(host)) return list.some((word) => loopback.has(word))
  // A socket, or a name whose addresses are not known here.
  if (host.startsWith('/')) return true
  return !/^[\d.:a-f]+$/i.test(host) && list.some((word) => !loopback.has(word))
}
