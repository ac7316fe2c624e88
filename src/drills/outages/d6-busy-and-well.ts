import { sameRelease } from '../releases.ts'
import { noOriginal, type Drill } from '../scene.ts'

/** A deployment and much load, and every login works. */
const drill: Drill = {
  id: 'd6',
  title: 'Nothing is wrong: a deployment under load',
  kind: 'look-alike',
  ...noOriginal,
  act: ({ names, release }) => ({
    trigger: [
      { do: 'release', release: sameRelease(release) },
      { do: 'burn', processes: 1, forMs: 10_000 },
      { do: 'pgload', node: names.standby, clients: 2, forMs: 10_000 },
    ],
    truth: { cause: 'healthy', subject: null, trigger: null, symptom: { max: 0.02 } },
  }),
}
export default drill
