import { subject } from '../../../../core/subject.ts'
import { factOf } from '../../nodes.ts'
import { flag } from '../../quantity.ts'
import { defineReviewRule } from '../../rule.ts'

/** Without its certificate a running server goes on without TLS, and one that restarts does not start. */
export default defineReviewRule({
  id: 'configuration/tls-without-files',
  consequence: 'server/config-prevents-start',
  severity: 'error',
  question: 'Are certificate and key there before TLS is switched on?',
  *run(input) {
    for (const { name, value, nodes, at } of input.settings) {
      if (name !== 'ssl' || value === null || flag(value) !== true) continue
      for (const node of nodes) {
        const now = factOf(input, node, 'settings')?.['ssl']
        const isNamed = input.settings.some((one) => one.name === 'ssl_cert_file' && one.nodes.includes(node))
        if (now === 'on' || (isNamed && now === undefined)) continue
        yield {
          object: subject.setting(node, name),
          nodes: [node],
          severity: now === undefined || isNamed ? 'warning' : 'error',
          message: `ssl = on, and ${now === undefined ? 'the change names no certificate' : `${node} runs without TLS now${isNamed ? '' : '; the change names no certificate'}`}: where ${isNamed ? 'its files are' : 'server.crt and server.key are'} missing or readable by others, it does not start`,
          remedy:
            'Put both files in place first (key: mode 0600, owner postgres), name them by ssl_cert_file and ssl_key_file.',
          at,
          basis: now === undefined ? 'text' : 'topology',
        }
      }
    }
  },
})
