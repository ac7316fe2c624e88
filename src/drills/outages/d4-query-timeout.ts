import { rewriteAll } from '../rewritten-settings.ts'
import { noOriginal, type Drill } from '../scene.ts'

/** The network has been slow for long and harmed nobody; then an updater writes a timeout that is shorter than one answer. */
const drill: Drill = {
  id: 'd4',
  title: 'All logins time out after an update: the timeout, not the network',
  kind: 'look-alike',
  ...noOriginal,
  act({ names: { primary, standby, subscriber } }) {
    return {
      ...rewriteAll(
        { DB_QUERY_TIMEOUT_MS: '20', DB_POOL_MAX: '1' },
        { symptom: { codes: ['CLIENT_TIMEOUT'], min: 0.5 } },
      ),
      proxies: true,
      setup: [primary, standby, subscriber].map((node) => ({ do: 'proxy', node, way: { is: 'delay', ms: 20 } })),
    }
  },
}
export default drill
