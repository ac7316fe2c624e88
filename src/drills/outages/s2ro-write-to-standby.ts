import { rewriteOne } from '../rewritten-settings.ts'
import { noOriginal, type Drill } from '../scene.ts'

/** An updater writes the standby's port for the writes: every read works, and no login is noted. */
const drill: Drill = {
  id: 's2ro',
  title: 'One instance fails after an update: its writes go to the standby',
  kind: 'variant',
  ...noOriginal,
  act: (scene, random) =>
    rewriteOne(scene, random, {
      key: 'DB_PORT',
      change: { port: { of: scene.names.standby } },
      reads: 'never',
      also: ['connection/wrong-node'],
      symptom: { codes: ['25006'], min: 0.25 },
    }),
}
export default drill
