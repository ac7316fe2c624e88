import { rewriteOne } from '../rewritten-settings.ts'
import { noOriginal, type Drill } from '../scene.ts'

/** An updater writes a database that there is not: the server answers, and says so. */
const drill: Drill = {
  id: 's2db',
  title: 'One instance fails after an update: the name of the database',
  kind: 'variant',
  ...noOriginal,
  act: (scene, random) =>
    rewriteOne(scene, random, {
      key: 'DB_NAME',
      change: { database: 'app_prod' },
      reads: 'drawn',
      symptom: { codes: ['3D000'], min: 0.25 },
    }),
}
export default drill
