import { rewriteOne } from '../rewritten-settings.ts'
import type { Drill } from '../scene.ts'

/**
 * Seed 2. A routine update rewrites the connection settings of one instance with a port where nobody listens: a third of the users
 * cannot work, and no database hears of it.
 */
const drill: Drill = {
  id: '2',
  title: 'A third of the users cannot log in after a routine update',
  kind: 'outage',
  course: [
    { minute: 0, words: 'Alerts: many connection errors' },
    { minute: 5, words: 'Engineers are told' },
    { minute: 15, words: 'They suspect the network, and read its logs' },
    { minute: 30, words: 'The connection parameters are found changed' },
    { minute: 45, words: 'They call the database administrators' },
    { minute: 150, words: 'The parameters are corrected' },
    { minute: 180, words: 'All users can work again' },
  ],
  original: { toCauseMin: 30, totalMin: 180 },
  guards: { prevent: 'gate:connection/contract-fails', detect: 'check:connections/contract', diagnose: 'drill:2' },
  act: (scene, random) =>
    rewriteOne(scene, random, {
      key: 'DB_PORT',
      change: { port: 'closed' },
      reads: 'always',
      symptom: { codes: ['ECONNREFUSED'], min: 0.25 },
    }),
}
export default drill
