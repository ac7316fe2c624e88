import { rewriteOne } from '../rewritten-settings.ts'
import { noOriginal, type Drill } from '../scene.ts'

/** An updater demands TLS of servers that have none. */
const drill: Drill = {
  id: 's2ssl',
  title: 'One instance fails after an update: TLS',
  kind: 'variant',
  ...noOriginal,
  act: (scene, random) =>
    rewriteOne(scene, random, {
      key: 'DB_SSLMODE',
      change: { sslMode: 'require' },
      reads: 'drawn',
      also: ['connection/tls'],
      symptom: { codes: ['CLIENT_OTHER'], min: 0.25 },
    }),
}
export default drill
