import { rewriteOne } from '../rewritten-settings.ts'
import { noOriginal, type Drill } from '../scene.ts'

/** An updater writes the password of its template: the server refuses the login. */
const drill: Drill = {
  id: 's2user',
  title: 'One instance fails after an update: the password',
  kind: 'variant',
  ...noOriginal,
  act: (scene, random) =>
    rewriteOne(scene, random, {
      key: 'DB_PASSWORD',
      change: { password: 'changeme' },
      reads: 'drawn',
      symptom: { codes: ['28P01'], min: 0.25 },
    }),
}
export default drill
