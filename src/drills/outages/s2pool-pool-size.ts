import { rewriteAll } from '../rewritten-settings.ts'
import { noOriginal, type Drill } from '../scene.ts'

/** An updater gives all instances large pools that are filled at once: the first one leaves nothing for the others. */
const drill: Drill = {
  id: 's2pool',
  title: 'Most logins fail after an update: the pools take every connection',
  kind: 'variant',
  ...noOriginal,
  act: (_, random) =>
    rewriteAll(
      { DB_POOL_MAX: '200', DB_POOL_MIN: random.pick(['20', '30']) },
      { also: ['connection/exhausted'], symptom: { codes: ['53300'], min: 0.2 } },
    ),
}
export default drill
